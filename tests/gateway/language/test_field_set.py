"""Field sets: parsed, printed, refused."""

from __future__ import annotations

import pytest

from gateway.language import (
    FieldSetArgument,
    FieldSetError,
    FieldSetField,
    FieldSetFragment,
    parse_field_set,
    print_field_set,
)


def test_fields_nest_and_outer_braces_are_optional() -> None:
    parsed = (FieldSetField("id"), FieldSetField("org", (), (FieldSetField("code"),)))
    assert parse_field_set("id org { code }") == parsed
    assert parse_field_set(" { id org { code } } ") == parsed


def test_arguments_keep_their_text() -> None:
    [field] = parse_field_set('price(currency: "EUR", at: {day: 1})')
    assert isinstance(field, FieldSetField)
    assert field.arguments == (FieldSetArgument("currency", '"EUR"'), FieldSetArgument("at", "{ day: 1 }"))


def test_fragments_keep_their_type_condition() -> None:
    assert parse_field_set("... on Book { isbn } ... { id }") == (
        FieldSetFragment("Book", (FieldSetField("isbn"),)),
        FieldSetFragment(None, (FieldSetField("id"),)),
    )


@pytest.mark.parametrize(
    "text", ["id org { code }", 'price(currency: "EUR") { net }', "... on Book { isbn }", "here: prop { there }"]
)
def test_printing_gives_the_text_back(text: str) -> None:
    assert print_field_set(parse_field_set(text)) == text


@pytest.mark.parametrize("text", ["", "id {", "id } query { x", "...Named"])
def test_anything_else_is_refused_with_its_text(text: str) -> None:
    with pytest.raises(FieldSetError, match="is not a field set"):
        parse_field_set(text)
