"""Pure decisions about sessions: roles, colours, what may be written, how much and how often."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from ..kit.errors import InvalidInput, NotAllowed, RateLimited
from .errors import ReadOnly, UpdateTooLarge

MAX_UPDATE_BYTES = 64 * 1024  # one update; a keystroke has about 31 bytes, so this is a large paste
MAX_BATCH_BYTES = 256 * 1024  # all updates of one call
MAX_BATCH_UPDATES = 200
# The log of one session, some 230,000 keystrokes; in base64 it must fit into an answer of 10 MiB, or nobody could load it.
MAX_DOCUMENT_BYTES = 7 * 1024 * 1024
MAX_MESSAGE_LENGTH = 4000  # characters of a chat message
MAX_NAME_LENGTH = 64  # characters of what a client calls its page or its message
MAX_NOTES_LENGTH = 50_000
MAX_SIGNAL_BYTES = 64 * 1024  # an SDP offer with many candidates has about 10 kB
MAX_AWARENESS_BYTES = 4 * 1024
MAX_COMMENT_LENGTH = 4000
MAX_PHASE_MINUTES = 180
MAX_CAPPED_PEOPLE = 20_000  # whose rates are remembered
EDIT_WINDOW = timedelta(minutes=15)  # how long a chat message may be changed
FEEDBACK_SEAL = timedelta(hours=24)
RUBRIC_AXES = ("framing", "trade_offs", "correctness", "code_quality", "communication")
# Told apart by people with any colour vision (Okabe and Ito), in the order they are given out.
COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#F0E442")


class Language(StrEnum):
    PYTHON = "python"
    JAVASCRIPT = "javascript"
    JAVA = "java"
    CPP = "cpp"
    C = "c"


class Role(StrEnum):
    PEER = "peer"
    INTERVIEWER = "interviewer"
    CANDIDATE = "candidate"
    VIEWER = "viewer"


class Phase(StrEnum):
    INTRODUCTION = "introduction"
    SOLVING = "solving"
    REVIEW = "review"
    FEEDBACK = "feedback"


class EndReason(StrEnum):
    FINISHED = "finished"
    ABANDONED = "abandoned"
    IDLE = "idle"
    MATCH_ENDED = "match_ended"
    USER_DELETED = "user_deleted"


@dataclass(frozen=True, slots=True)
class Seat:
    """One person's place in a new session."""

    user_id: UUID
    role: Role
    color: str
    is_polite: bool
    """Perfect negotiation of WebRTC: the polite peer gives way when both make an offer at once."""


def seats_for(user_ids: Sequence[UUID], interviewer_id: UUID | None) -> list[Seat]:
    """Who sits where: an interviewer and a candidate when one is named, two peers otherwise."""
    if interviewer_id is not None and interviewer_id not in user_ids:
        raise InvalidInput(f"The interviewer {interviewer_id} is not one of the two people.", field="interviewer_id")

    def role_of(user_id: UUID) -> Role:
        if interviewer_id is None:
            return Role.PEER
        return Role.INTERVIEWER if user_id == interviewer_id else Role.CANDIDATE

    return [
        Seat(user_id, role_of(user_id), COLORS[place % len(COLORS)], is_polite=place > 0)
        for place, user_id in enumerate(user_ids)
    ]


def text_name_for(language: Language, round_number: int) -> str:
    """The name of the Y.Text that holds the code of one language in one round.

    Every language has a text of its own, so that starter code is written by an update that depends on nothing else in the
    document, and switching back finds the code as it was.
    """
    return f"code:{language.name}" if round_number == 1 else f"code:{language.name}:{round_number}"


def require_writer(role: Role) -> None:
    """Raises ReadOnly for viewers."""
    if role is Role.VIEWER:
        raise ReadOnly


def require_lead(role: Role) -> None:
    """Raises NotAllowed unless the person leads the session: the interviewer, or any of two peers."""
    require_writer(role)
    if role is Role.CANDIDATE:
        raise NotAllowed("The interviewer decides this.")


def sees_interview_material(role: Role) -> bool:
    """Hints and solution are for the interviewer only."""
    return role is Role.INTERVIEWER


def check_update_sizes(updates: Sequence[bytes]) -> None:
    """Raises InvalidInput or UpdateTooLarge for a batch that is empty or too large."""
    if not 1 <= len(updates) <= MAX_BATCH_UPDATES:
        raise InvalidInput(
            f"updates has {len(updates)} items; send from 1 to {MAX_BATCH_UPDATES} at once.", field="input.updates"
        )
    for number, update in enumerate(updates):
        if len(update) > MAX_UPDATE_BYTES:
            raise UpdateTooLarge(f"updates[{number}]", len(update), MAX_UPDATE_BYTES)
    total = sum(map(len, updates))
    if total > MAX_BATCH_BYTES:
        raise UpdateTooLarge("The batch", total, MAX_BATCH_BYTES)


def check_document_size(current: int, added: int) -> None:
    """Raises UpdateTooLarge when the session's log would grow too large."""
    if current + added > MAX_DOCUMENT_BYTES:
        raise UpdateTooLarge("The document with this update", current + added, MAX_DOCUMENT_BYTES)


def check_text(value: str, limit: int, field: str) -> str:
    """The text without surrounding blanks. Raises InvalidInput when it is empty or longer than `limit` characters."""
    text = value.strip()
    if not text:
        raise InvalidInput(f"{field.removeprefix('input.')} is empty; write something.", field=field)
    if len(text) > limit:
        raise InvalidInput(
            f"{field.removeprefix('input.')} has {len(text)} characters; at most {limit} are allowed.", field=field
        )
    if "\x00" in text:
        raise InvalidInput(f"{field.removeprefix('input.')} contains a NUL character; remove it.", field=field)
    return text


def check_name(value: str | None, field: str) -> None:
    """Raises InvalidInput for a name by which a client knows something again, unless it is short and plain."""
    if value is not None and not (1 <= len(value) <= MAX_NAME_LENGTH and value.isprintable()):
        raise InvalidInput(
            f"{field.removeprefix('input.')} must have from 1 to {MAX_NAME_LENGTH} printable characters.", field=field
        )


def check_rating(value: int, field: str) -> int:
    """Raises InvalidInput unless the value is from 1 to 5."""
    if not 1 <= value <= 5:
        raise InvalidInput(f"{field.removeprefix('input.')} is {value}; it must be from 1 to 5.", field=field)
    return value


def is_feedback_open(given: int, expected: int, ended_at: datetime, now: datetime) -> bool:
    """Feedback is sealed until all have given it, or a day after the end."""
    return given >= expected or now >= ended_at + FEEDBACK_SEAL


@dataclass(slots=True)
class TokenBucket:
    """So many per second, with bursts: `rate` tokens come back each second, up to `burst`. Times are monotonic seconds."""

    rate: float
    burst: float
    tokens: float = -1.0
    updated_at: float = 0.0

    def take(self, now: float, what: str, amount: float = 1.0) -> None:
        """Take so many tokens. Raises RateLimited with the seconds to wait when there are not enough."""
        if self.tokens < 0:
            self.tokens = self.burst
        else:
            self.tokens = min(self.burst, self.tokens + (now - self.updated_at) * self.rate)
        self.updated_at = now
        if self.tokens < amount:
            wait = (amount - self.tokens) / self.rate
            raise RateLimited(f"Too many {what}: wait {wait:.1f} seconds.", retry_after=wait)
        self.tokens -= amount


class PersonalCaps:
    """A token bucket for each person, of those who did it lately."""

    def __init__(self, rate: float, burst: float, what: str) -> None:
        self._rate = rate
        self._burst = burst
        self._what = what
        self._buckets: OrderedDict[UUID, TokenBucket] = OrderedDict()

    def take(self, user_id: UUID, now: float, amount: float = 1.0) -> None:
        """Raises RateLimited when the person has done it too often; `amount` is at most the burst."""
        bucket = self._buckets.setdefault(user_id, TokenBucket(self._rate, self._burst))
        self._buckets.move_to_end(user_id)
        if len(self._buckets) > MAX_CAPPED_PEOPLE:
            # Who did nothing for so long has a full bucket anyway.
            self._buckets.popitem(last=False)
        bucket.take(now, self._what, amount)
