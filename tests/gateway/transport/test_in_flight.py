"""InFlight: equal work that is under way is done once."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gateway.transport import Cancellable, InFlight


class Work:
    """Is over when the test says so, and counts how often it was started."""

    def __init__(self) -> None:
        self.tell: list[Callable[[str], None]] = []
        self.cancelled = 0

    def start(self, on_outcome: Callable[[str], None]) -> Cancellable:
        self.tell.append(on_outcome)
        return self

    def cancel(self) -> None:
        self.cancelled += 1


def test_equal_work_under_way_is_done_once_and_all_are_told() -> None:
    in_flight, work, told = InFlight[str, str](), Work(), list[str]()
    for _ in range(3):
        in_flight.join("key", work.start, told.append)
    assert (len(work.tell), in_flight.collapsed, told) == (1, 2, [])
    work.tell[0]("done")
    assert told == ["done"] * 3


def test_work_that_is_over_is_done_anew() -> None:
    in_flight, work, told = InFlight[str, str](), Work(), list[str]()
    in_flight.join("key", work.start, told.append)
    work.tell[0]("first")
    in_flight.join("key", work.start, told.append)
    work.tell[1]("second")
    assert told == ["first", "second"]


def test_nobody_joins_what_was_begun_before_a_new_start() -> None:
    in_flight, work, told = InFlight[str, str](), Work(), list[str]()
    before = in_flight.join("key", work.start, told.append)
    in_flight.start_anew()
    in_flight.join("key", work.start, told.append)
    work.tell[0]("old")
    in_flight.join("key", work.start, told.append)
    before.cancel()
    work.tell[1]("new")
    assert (told, len(work.tell), work.cancelled) == (["old", "new", "new"], 2, 0)


def test_others_than_the_first_are_told_what_is_for_others() -> None:
    in_flight, work, told = InFlight[str, str](lambda outcome: f"{outcome} for others"), Work(), list[str]()
    for _ in range(3):
        in_flight.join("key", work.start, told.append)
    work.tell[0]("done")
    assert told == ["done", "done for others", "done for others"]


def test_work_of_different_keys_is_done_apart() -> None:
    in_flight, work = InFlight[str, str](), Work()
    in_flight.join("ana", work.start, lambda _: None)
    in_flight.join("ben", work.start, lambda _: None)
    assert len(work.tell) == 2


def test_one_who_leaves_does_not_end_the_work_of_the_others() -> None:
    in_flight, work, told = InFlight[str, str](), Work(), list[str]()
    leaving = in_flight.join("key", work.start, lambda _: told.append("left"))
    in_flight.join("key", work.start, told.append)
    leaving.cancel()
    leaving.cancel()
    assert work.cancelled == 0
    work.tell[0]("done")
    assert told == ["done"]


def test_the_last_one_to_leave_gives_the_work_up() -> None:
    in_flight, work = InFlight[str, str](), Work()
    handles = [in_flight.join("key", work.start, lambda _: None) for _ in range(2)]
    for handle in handles:
        handle.cancel()
    assert work.cancelled == 1
    in_flight.join("key", work.start, lambda _: None)
    assert len(work.tell) == 2


def test_leaving_what_is_over_does_nothing() -> None:
    in_flight, work = InFlight[str, str](), Work()
    handle = in_flight.join("key", work.start, lambda _: None)
    work.tell[0]("done")
    handle.cancel()
    assert work.cancelled == 0


def test_work_that_cannot_be_started_is_not_under_way() -> None:
    def refuse(_: Callable[[str], None]) -> Cancellable:
        raise ValueError("no")

    in_flight, work = InFlight[str, str](), Work()
    with pytest.raises(ValueError, match="no"):
        in_flight.join("key", refuse, lambda _: None)
    in_flight.join("key", work.start, lambda _: None)
    assert len(work.tell) == 1
