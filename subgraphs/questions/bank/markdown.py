"""What a question's Markdown may hold: no raw HTML, and links to the web only. Plain data goes in, problems come out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from markdown_it import MarkdownIt

_MARKDOWN = MarkdownIt("commonmark")
MAX_SHOWN = 40  # characters of what is wrong

_Found = Iterator[tuple[str, str, str]]  # field, what is wrong, what would be right


def markdown_problems(data: Mapping[str, Any]) -> _Found:
    """Everything in the author's data, or in a question's document, that no page may show."""
    for field, text in _texts(data):
        yield from text_problems(field, text)


def text_problems(field: str, text: str) -> _Found:
    for token in _MARKDOWN.parse(text):
        for part in (token, *(token.children or ())):
            if part.type in ("html_block", "html_inline"):
                yield field, f"has raw HTML: {part.content.strip()[:MAX_SHOWN]!r}", "Markdown without HTML"
            address = str(part.attrGet("href") or part.attrGet("src") or "")
            if address and not address.startswith(("https://", "http://", "#")):
                yield field, f"has a link to {address[:MAX_SHOWN]!r}", "links that begin with https://"


def _texts(data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Whatever a page shows as Markdown, each with the name of its field."""
    for field in ("description", "editorial"):
        yield field, data.get(field) or ""
    for field in ("constraints", "hints"):
        for number, text in enumerate(data.get(field) or ()):
            yield f"{field}[{number}]", text
    for number, case in enumerate(data["test_cases"]):
        yield f"test_cases[{number}].explanation", case.get("explanation") or ""
