"""Who asks whom: Members, officers and electoral services."""

from __future__ import annotations

import re

from rules.home import bears_name_of
from rules.message import Message
from rules.roster import Kind, Roster

_HOLDS_BOTH = re.compile(r"(?:chief executive|head of paid service|director|chief officer|monitoring officer|solicitor)\b.{0,30}returning officer")
_MAY_HOLD_MEMBERS = re.compile(r"member|cllr|councillor|group|cabinet|leader|mayor")


def asks_officer(message: Message, roster: Roster) -> bool:
    """A Member writes to an officer or a service."""
    sender = roster.who(message.sender)
    people = [roster.who(a) for a in message.visible]
    return sender is not None and sender.is_member and any(p is not None and p.kind is not Kind.MEMBER for p in people)


def officer_to_member(message: Message, roster: Roster) -> bool:
    """An officer writes to a Member."""
    sender = roster.who(message.sender)
    people = [roster.who(a) for a in message.visible]
    return sender is not None and not sender.is_member and any(p is not None and p.is_member for p in people)


def reaches_somebody_known(message: Message, roster: Roster) -> bool:
    """Somebody on the roster is among those addressed, a Member at home, or an unknown list of the council's that by its name may hold Members."""
    addressed = (*message.visible, *(message.bcc or ()))
    if any(roster.person(email) for email in roster.reached(addressed)):
        return True
    members = [person for person in roster.people if person.is_member]
    return any(
        _MAY_HOLD_MEMBERS.search(a.email) if roster.inside(a.email) else any(bears_name_of(a.email, person) for person in members) for a in addressed
    )


def from_electoral_services(message: Message, roster: Roster) -> bool:
    """The Returning Officer's office or electoral services write."""
    shown = _shown(message, roster)
    return "elector" in shown or ("returning officer" in shown and not _HOLDS_BOTH.search(shown))


def from_returning_officer(message: Message, roster: Roster) -> bool:
    """Somebody writes who is Returning Officer beside another office, as most chief executives are."""
    return bool(_HOLDS_BOTH.search(_shown(message, roster)))


def _shown(message: Message, roster: Roster) -> str:
    sender = roster.who(message.sender)
    return f"{sender.name} {sender.role}".lower() if sender else ""
