"""Who stands behind an address of a story: names, aliases, lists, and which of them have a scanned mailbox."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.headerregistry import Address
from email.utils import getaddresses

from story import Story


@dataclass(frozen=True)
class Directory:
    """A story with what the mailroom looks up in it."""

    story: Story

    @property
    def names(self) -> dict[str, str]:
        return {row["address"].lower(): row["name"] for row in self.story.people}

    @property
    def aliases(self) -> dict[str, str]:
        return {
            alias.strip().lower(): row["address"].lower()
            for row in self.story.people
            for alias in (row.get("aliases") or "").split(";")
            if alias.strip()
        }

    @property
    def lists(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for row in self.story.lists:
            found.setdefault(row["list"].lower(), []).append(row["member"].lower())
        return found

    @property
    def unscanned(self) -> set[str]:
        return {a.strip().lower() for a in self.story.council.get("unscanned", "").split(";") if a.strip()}

    def address(self, text: str) -> tuple[str, str]:
        """(display name, address) of one header value; people of the roster get their roster name."""
        name, email = getaddresses([text])[0] if "@" in text or "<" in text else ("", text)
        if not email or (text.startswith("/o=")):
            name, email = "", text
        return name or self.names.get(email.lower(), "") or self.names.get(self.main(email), ""), email

    def main(self, email: str) -> str:
        email = email.lower()
        if email in self.names:
            return email
        if email in self.aliases:
            return self.aliases[email]
        return re.sub(r"\+[^@]*@", "@", email)

    def mailboxes(self, emails: list[str], above: frozenset[str] = frozenset()) -> list[str]:
        """The scanned inside mailboxes that these addresses reach, lists opened."""
        found: dict[str, None] = {}
        for email in emails:
            main = self.main(email)
            if main in self.lists and main not in above:
                found |= dict.fromkeys(self.mailboxes(self.lists[main], above | {main}))
            elif main in self.names and main not in self.unscanned:
                found[main] = None
        return list(found)


def header_address(name: str, email: str) -> str:
    """An address as a header shows it; a legacy one keeps its own form."""
    if "@" not in email or not email.isascii():
        return f'"{name}" <{email}>' if name else email
    return str(Address(display_name=name, addr_spec=email)) if name else email
