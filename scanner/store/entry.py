"""What the first pass writes down of a copy and reads back of a circulation: pseudonyms, dates and states, no text."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from rules.circulation import Copy, Role


class State(StrEnum):
    """How far a circulation is: waiting to be judged, judged, or left out before its text was read.

    CONTEXT is mail from outside: no rule judges it, and its text is read only where somebody inside answers it or passes it on.
    TRACED is a message of which no copy was collected, only who was sent it is known: there is nothing to judge until one is.
    """

    PENDING = "pending"
    JUDGED = "judged"
    CONTEXT = "context"
    LEFT_OUT = "left out"
    TRACED = "traced"


class Outcome(StrEnum):
    """What became of a copy, for coverage. A copy that is GONE from its folder counts no more, yet it proves that its mailbox had the message."""

    READ = "read"
    LEFT_OUT = "left out"
    UNREAD = "unread"
    FAILED = "failed"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Participant:
    """Somebody on a message, under a pseudonym: a header's role (from, to, cc, bcc), an envelope's (envelope-bcc, …) or what a trace tells
    (trace-delivered, …).
    """

    person_key: str
    role: str
    via_key: str = ""
    forwarded: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """What the first pass learnt of one copy. `key` is None where not even the envelope could be read; `failure` says why.

    `variant` tells apart messages that wrongly share a Message-ID: copies of one message have the same. `strangers` are addresses of the
    council that it is openly to and that may be lists; they are not kept with it. Not `to_judge` are mail from outside and drafts, which are context.
    """

    item: str
    key: str | None
    role: Role
    outcome: Outcome
    to_judge: bool = True
    date: datetime | None = None
    subject_key: str = ""
    variant: str = ""
    rerouted: bool = False
    references: frozenset[str] = frozenset()
    participants: frozenset[Participant] = frozenset()
    failure: str = ""
    strangers: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Traced:
    """What traces tell of one message: the participants that they name, and whether one of them is protected."""

    key: str
    date: datetime | None
    left_out: bool
    participants: frozenset[Participant]


@dataclass(frozen=True, slots=True)
class Wording:
    """The fingerprints of a message (64 bits each) and whether they are of a Member's own words to an officer, or of an officer's message."""

    marks: frozenset[int] = frozenset()
    by_member: bool = False


@dataclass(frozen=True, slots=True)
class Node:
    """A circulation as threading sees it. `news` says that something was learnt of it since conversations were last looked through.

    `letters` are Members' letters, in whatever conversation, whose words it holds.
    """

    key: str
    date: datetime | None
    subject_key: str
    state: State
    references: frozenset[str]
    participants: frozenset[str]
    news: bool = False
    letters: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Located:
    """One copy with the source it lies in, or lay in until it went."""

    source: str
    copy: Copy
    variant: str = ""
    gone: bool = False
