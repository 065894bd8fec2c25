"""Who is on a group's list at Microsoft Entra, and where inbox rules send mail on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from rules.roster import canonical
from scanner.errors import SourceError
from scanner.sources.directory import Forwarding
from scanner.sources.microsoft.letterhead import address_of
from scanner.sources.microsoft.line import Json, Line, objects

_ACTIONS = {"forwardTo": "forward", "redirectTo": "redirect", "forwardAsAttachmentTo": "forward-as-attachment"}
_GUEST = "#ext#@"


def members(line: Line, address: str) -> tuple[str, ...] | None:
    """The addresses behind a group, nested groups opened; None where no group has the address.

    Dynamic distribution lists are no groups of Entra: Graph does not tell who is on them.
    """
    group = _group(line, address)
    return None if group is None else _addresses(each for each in _on(line, group, address) if not _is(each, "group"))


def mailboxes(line: Line, address: str) -> tuple[str, ...]:
    """The members of a group that can have a mailbox here: no guests, no contacts. Raises SourceError where there is no such group."""
    group = _group(line, address)
    if group is None:
        raise SourceError(f'{address}: Microsoft 365 has no group of this address; correct mailboxes = "group:…".')
    users = (each for each in _on(line, group, address) if _is(each, "user"))
    return _addresses(user for user in users if _GUEST not in str(user.get("userPrincipalName")).lower())


def forwardings(line: Line, custodian: str) -> tuple[Forwarding, ...]:
    """The inbox rules of a mailbox that are switched on and send mail on. Graph does not tell of forwarding that an administrator set."""
    rules = line.each(f"/users/{quote(custodian, safe='@')}/mailFolders/inbox/messageRules")
    return tuple(forwarding for rule in rules if rule.get("isEnabled") and not rule.get("hasError") for forwarding in _sent_on(rule, custodian))


def _group(line: Line, address: str) -> str | None:
    """A group's id by its main address, else by another of its addresses."""
    wanted = address.replace("'", "''")
    for chosen in (f"mail eq '{wanted}'", f"proxyAddresses/any(a:a eq 'smtp:{wanted}')"):
        found = objects(line.get(f"/groups?$filter={quote(chosen, safe='')}&$select=id", objects))
        if found:
            return str(found[0]["id"])
    return None


def _on(line: Line, group: str, address: str) -> list[Json]:
    """Everybody on a group's list. Raises SourceError where the application may know nothing of them but their number."""
    found = list(line.each(f"/groups/{quote(group, safe='')}/transitiveMembers?$select=id,mail,userPrincipalName&$top=999"))
    if any(_is(each, "user") and not each.get("mail") and not each.get("userPrincipalName") for each in found):
        raise SourceError(f"{address}: Microsoft 365 counts this group's members but does not name them; consent to User.ReadBasic.All.")
    return found


def _is(member: Json, kind: str) -> bool:
    return str(member.get("@odata.type", "")) == f"#microsoft.graph.{kind}"


def _addresses(members: Iterable[Json]) -> tuple[str, ...]:
    return tuple(sorted({canonical(member["mail"]) for member in members if member.get("mail")}))


def _sent_on(rule: Json, custodian: str) -> Iterator[Forwarding]:
    actions: Any = rule.get("actions") or {}
    everything = not _narrowed(rule.get("conditions")) and not _narrowed(rule.get("exceptions"))
    for action, kind in _ACTIONS.items():
        for recipient in actions.get(action) or ():
            if address := address_of(recipient)[1]:
                yield Forwarding(custodian, canonical(address), kind, everything)


def _narrowed(predicates: Any) -> bool:
    """Whether any condition stands in a rule's predicates; Graph writes the others as null, false or an empty list."""
    return isinstance(predicates, Mapping) and any(value for key, value in predicates.items() if not key.startswith("@"))
