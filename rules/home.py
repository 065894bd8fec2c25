"""A Member's own address at home."""

from __future__ import annotations

import re

from rules.message import Message
from rules.roster import Person, Roster, plain_name

_LONG_ENOUGH = 5  # letters of a surname that may run on into another word


def sent_home(message: Message, roster: Roster) -> bool:
    """A Member writes only to a private address of their own, by the name shown with it or by the address itself."""
    sender = roster.who(message.sender)
    if sender is None or not sender.is_member or len(message.visible) != 1 or roster.inside(message.visible[0].email):
        return False
    (address,) = message.visible
    shown = "" if "@" in address.name else address.name
    return roster.named(shown) == sender if shown else bears_name_of(address.email, sender)


def bears_name_of(email: str, person: Person) -> bool:
    """Whether an address is made of a person's first name and surname ("dawn@vickers.example", "dawn@vickersfamily.example"), or begins with the
    initials that theirs does.
    """
    words = re.findall(r"\w+", plain_name(person.name))
    start, _, domain = email.partition("@")
    parts = {*re.split(r"[._+-]", start), domain.partition(".")[0]}
    own = {known.partition("@")[0] for known in (person.address, *person.aliases)}
    initials = "".join(word[0] for word in words)
    surnamed = any(part.startswith(words[-1]) for part in parts) if len(words[-1]) >= _LONG_ENOUGH else words[-1] in parts
    return len(words) > 1 and ((words[0] in parts and surnamed) or start in own & {initials, words[-1]})
