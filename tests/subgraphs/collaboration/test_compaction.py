"""Updates are merged and their runs joined: the document stays what it was, whoever has which part of it already."""

from __future__ import annotations

import random

import pycrdt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from subgraphs.collaboration.compaction import compact_updates, join_runs
from subgraphs.collaboration.errors import InvalidUpdate
from subgraphs.collaboration.update_format import read_update

Document = pycrdt.Doc[pycrdt.Text]
KEYS = ("a", "b", "é", "中", "😀", "\n", "xyz")


class Writer:
    """One person's page: `made` are its own updates, in order."""

    def __init__(self, client: int) -> None:
        self.document: Document = pycrdt.Doc(client_id=client)
        self.made: list[bytes] = []
        self._is_ours = False
        self._subscription = self.document.observe(lambda event: self._note(event.update))

    def _note(self, update: bytes) -> None:
        if self._is_ours:
            self.made.append(update)

    @property
    def text(self) -> pycrdt.Text:
        return self.document.get("code", type=pycrdt.Text)

    def write(self, position: int, key: str) -> None:
        self._is_ours = True
        self.text.insert(position, key)
        self._is_ours = False

    def erase(self, start: int, end: int) -> None:
        self._is_ours = True
        del self.text[start:end]
        self._is_ours = False

    def take(self, updates: list[bytes]) -> None:
        for update in updates:
            self.document.apply_update(update)


def borders(text: str) -> list[int]:
    """The positions between characters, in pycrdt's bytes."""
    found = [0]
    for character in text:
        found.append(found[-1] + len(character.encode()))
    return found


def session_of(dice: random.Random, people: int, steps: int) -> list[bytes]:
    """The log of people who type in runs, erase, jump, and hear of each other late."""
    writers = [Writer(client) for client in dice.sample(range(1, 2**32), people)]
    log: list[bytes] = []
    heard = [0] * people
    cursors = [0] * people
    for _ in range(steps):
        who = dice.randrange(people)
        writer, before = writers[who], len(writers[who].made)
        if dice.random() < 0.3:
            writer.take(log[heard[who] :])
            heard[who] = len(log)
        places = borders(str(writer.text))
        at = min(cursors[who], len(places) - 1)
        if dice.random() < 0.15:
            at = dice.randrange(len(places))
        if dice.random() < 0.2 and at > 0:
            back = min(at, dice.randint(1, 3))
            writer.erase(places[at - back], places[at])
            at -= back
        else:
            for _ in range(dice.randint(1, 4)):
                key = dice.choice(KEYS)
                writer.write(borders(str(writer.text))[at], key)
                at += len(key)
        cursors[who] = at
        log += writer.made[before:]
    return log


def document_of(*updates: bytes) -> Document:
    document: Document = pycrdt.Doc()
    for update in updates:
        document.apply_update(update)
    return document


def text_of(document: Document) -> str:
    return str(document.get("code", type=pycrdt.Text))


def test_what_one_person_types_key_by_key_is_one_item() -> None:
    writer = Writer(7)
    for number in range(2000):
        writer.write(number, "x")
    joined = compact_updates(writer.made)
    assert len(joined) < 2100
    assert text_of(document_of(joined)) == "x" * 2000
    assert read_update(joined).written == read_update(pycrdt.merge_updates(*writer.made)).written


@settings(deadline=None, max_examples=150)
@given(seed=st.integers(0, 2**32), people=st.integers(1, 4), steps=st.integers(1, 60))
def test_a_joined_log_makes_the_same_document(seed: int, people: int, steps: int) -> None:
    dice = random.Random(seed)
    log = session_of(dice, people, steps)
    merged = pycrdt.merge_updates(*log)
    joined = join_runs(merged)
    expected, found = document_of(merged), document_of(joined)
    assert text_of(found) == text_of(expected)
    assert found.get_state() == expected.get_state()
    assert read_update(joined).written == read_update(merged).written
    assert read_update(joined).deleted == read_update(merged).deleted
    assert join_runs(joined) == joined
    assert len(joined) <= len(merged)


@settings(deadline=None, max_examples=150)
@given(seed=st.integers(0, 2**32), people=st.integers(1, 4), steps=st.integers(1, 60))
def test_who_has_a_part_already_and_what_comes_afterwards_fit_to_a_joined_log(
    seed: int, people: int, steps: int
) -> None:
    dice = random.Random(seed)
    log = session_of(dice, people, steps)
    expected = text_of(document_of(pycrdt.merge_updates(*log)))
    cut = dice.randint(1, len(log))
    known = dice.randint(0, cut)
    joined = join_runs(pycrdt.merge_updates(*log[:cut]))
    document = document_of(*log[:known], joined, *log[cut:])
    assert text_of(document) == expected
    again = compact_updates([joined, *log[cut:]])
    assert text_of(document_of(again)) == expected
    assert text_of(document_of(*log[:known], again)) == expected


def test_entries_of_maps_are_left_alone() -> None:
    document: pycrdt.Doc[pycrdt.Map[str]] = pycrdt.Doc(client_id=5)
    settings_ = document.get("settings", type=pycrdt.Map)
    for value in ("a", "b", "c"):
        settings_["key"] = value
    update = document.get_update()
    assert join_runs(update) == update


@pytest.mark.parametrize("update", [b"", b"\x01", b"\x01\x01\x05\x00\x84"])
def test_bytes_that_are_no_update_are_refused(update: bytes) -> None:
    with pytest.raises(InvalidUpdate):
        join_runs(update)
