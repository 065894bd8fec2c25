"""A Member's own address at home."""

from __future__ import annotations

import re

from rules.message import Address, Message
from rules.roster import Person, Roster, plain_name

_LONG_ENOUGH = 5  # letters of a surname that may run on into another word


def sent_home(message: Message, roster: Roster) -> bool:
    """A Member writes to a private address of their own and to nobody else, as far as this copy shows."""
    sender, readers = roster.who(message.sender), (*message.visible, *(message.bcc or ()))
    return sender is not None and sender.is_member and len(readers) == 1 and is_home_of(readers[0], sender, roster)


def is_home_of(address: Address, person: Person, roster: Roster) -> bool:
    """Whether an address outside is a person's own, by the name shown with it or by the address itself."""
    if roster.inside(address.email):
        return False
    shown = "" if "@" in address.name else address.name
    return roster.named(shown) == person if shown else bears_name_of(address.email, person)


def bears_name_of(email: str, person: Person) -> bool:
    """Whether an address is made of a person's first name and surname ("dawn@vickers.example", "dawn@vickersfamily.example"), or begins with the
    initials that theirs does.
    """
    words = re.findall(r"\w+", plain_name(person.name))
    start, _, domain = email.partition("@")
    parts = {*re.split(r"[._+-]", start), domain.partition(".")[0]}
    own = {known.partition("@")[0] for known in (person.address, *person.aliases)}
    initials = "".join(word[0] for word in words)
    if len(words) < 2:
        return False
    surnamed = any(part.startswith(words[-1]) for part in parts) if len(words[-1]) >= _LONG_ENOUGH else words[-1] in parts
    return (words[0] in parts and surnamed) or start in own & {initials, words[-1]}
