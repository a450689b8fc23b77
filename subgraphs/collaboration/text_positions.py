"""Convert positions in a text between the units of pycrdt (UTF-8 bytes), of Yjs and browsers (UTF-16 units) and of Python (characters).

The one place where this is done. A position inside of a character belongs to no unit boundary and is refused, because pycrdt would
silently put what is inserted there at the end of the text.
"""

from __future__ import annotations

from enum import StrEnum


class Unit(StrEnum):
    """What positions are counted in."""

    UTF8 = "utf8"
    UTF16 = "utf16"
    CHARACTER = "character"


class PositionInsideCharacter(ValueError):
    """Raised for a position that lies inside of a character, or behind the end of the text."""


def convert_position(text: str, position: int, source: Unit, target: Unit) -> int:
    """The same place in `text`, counted in `target` units. Raises PositionInsideCharacter."""
    return length_in(text[: character_position(text, position, source)], target)


def length_in(text: str, unit: Unit) -> int:
    """The length of a text in a unit."""
    match unit:
        case Unit.CHARACTER:
            return len(text)
        case Unit.UTF8:
            return len(text.encode("utf-8", "surrogatepass"))
        case Unit.UTF16:
            return len(text) + sum(character > "\uffff" for character in text)


def character_position(text: str, position: int, unit: Unit) -> int:
    """The place as an index of a Python string. Raises PositionInsideCharacter."""
    if unit is Unit.CHARACTER or text.isascii():
        if not 0 <= position <= len(text):
            raise PositionInsideCharacter(f"position {position} is not in a text of {len(text)} characters")
        return position
    passed = 0
    for index, character in enumerate(text):
        if passed == position:
            return index
        passed += length_in(character, unit)
        if passed > position:
            raise PositionInsideCharacter(f"{unit} position {position} lies inside of {character!r}")
    if passed == position:
        return len(text)
    raise PositionInsideCharacter(f"{unit} position {position} is behind the end of the text, which is at {passed}")
