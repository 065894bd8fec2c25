"""Who asks whom: Members, officers, electoral services, and a Member's own address at home."""

from __future__ import annotations

from rules.message import Message
from rules.roster import Kind, Roster


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


def sent_home(message: Message, roster: Roster) -> bool:
    """A Member writes only to a private address of their own."""
    sender = roster.who(message.sender)
    outside = [a for a in message.visible if not roster.inside(a.email)]
    return bool(sender and outside) and len(outside) == len(message.visible) == 1 and roster.named(outside[0].name) == sender


def from_electoral_services(message: Message, roster: Roster) -> bool:
    """The Returning Officer or electoral services write."""
    sender = roster.who(message.sender)
    return sender is not None and any(word in f"{sender.name} {sender.role}".lower() for word in ("elector", "returning officer"))
