"""What the explanation counts is what the rules say of each person, whoever waits."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from subgraphs.matching.outlook import Crowd, outlook
from subgraphs.matching.rules import NO_BOND, Bond, Language, PairingRules, Ticket, are_compatible

from .tickets import EPOCH, LATER, bonds, tickets


@st.composite
def situations(draw: st.DrawFn) -> tuple[list[Ticket], dict[UUID, Bond], datetime]:
    """Who waits, the first of them asking; what is between that one and some of the others; and a moment."""
    # Those whose time is up are not read in the first place.
    made = [replace(ticket, expires_at=LATER) for ticket in draw(st.lists(tickets(), min_size=2, max_size=25))]
    between = {other.user_id: draw(bonds) for other in made[1:] if draw(st.integers(0, 2)) == 0}
    return made, between, EPOCH + timedelta(seconds=draw(st.integers(0, 30)))


@given(situation=situations())
def test_the_count_of_who_fits_is_that_of_the_rules(
    situation: tuple[list[Ticket], dict[UUID, Bond], datetime],
) -> None:
    (seeker, *others), between, now = situation
    rules = PairingRules()
    known = [other for other in others if other.user_id in between]
    told = outlook(seeker, _crowd([seeker, *others]), [seeker, *known], between, now, rules)
    fitting = [are_compatible(seeker, other, between.get(other.user_id, NO_BOND), now, rules) for other in others]
    assert told.compatible_now == sum(fitting)
    assert told.willing_when_relaxed >= told.compatible_now
    assert all(relaxation.compatible >= told.compatible_now for relaxation in told.relaxations)


def _crowd(waiting: list[Ticket]) -> Crowd:
    groups: dict[Language, dict[int, dict[frozenset[str], list[datetime]]]] = {}
    for ticket in sorted(waiting, key=lambda ticket: ticket.created_at):
        by_topics = groups.setdefault(ticket.language, {}).setdefault(ticket.bucket, {})
        by_topics.setdefault(ticket.topics, []).append(ticket.created_at)
    return Crowd(groups)
