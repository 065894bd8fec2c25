"""Rows of message traces as sightings.

Message tracking logs (learn.microsoft.com/exchange/mail-flow/transport-logs/message-tracking) and Exchange Online's extended report name
events; its summaries, `Get-MessageTraceV2` and Graph name what became of the message for each recipient.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import UTC, datetime

from rules.roster import canonical
from scanner.errors import SourceError
from scanner.reading.mail.envelope import message_id
from scanner.sources.sightings import Sighting, Way
from scanner.sources.tracking.rows import Row

_RECIPIENTS = ("recipientaddress", "recipients", "recipient")
_DATES = ("datetime", "datetimeutc", "origintimestamputc", "origintimestamp", "received", "receiveddatetime", "timestamp", "date")
_OPENED = frozenset({"EXPAND", "DUPLICATEEXPAND", "RESOLVE"})
_SENT_ON = frozenset({"REDIRECT", "DUPLICATEREDIRECT"})
_REACHED = frozenset({"RECEIVE", "SUBMIT", "DELIVER", "DUPLICATEDELIVER", "SEND"})
_STATUS = {"delivered": Way.DELIVERED, "filteredasspam": Way.DELIVERED, "expanded": Way.LIST}
_STEPS = {"expand": Way.LIST, "deliver": Way.DELIVERED, "send": Way.DELIVERED}
_FORMS = ("%d/%m/%Y %H:%M:%S", "%m/%d/%Y %I:%M:%S %p", "%d/%m/%Y %H:%M")


def is_trace(columns: Collection[str]) -> bool:
    """Whether rows with these columns say who was sent which message."""
    told = {"eventid", "event", "status"}.intersection(columns) and any(name in columns for name in _RECIPIENTS)
    return "messageid" in columns and bool(told or "recipientstatus" in columns)


def sightings(row: Row) -> Iterator[Sighting]:
    """The recipients that a row tells of; none for an event that reached nobody. Raises SourceError for recipients that the export lost."""
    name = message_id(row.get("messageid", ""))
    if not name:
        return
    sender, subject = canonical(row.get("senderaddress") or row.get("sender", "")), row.get("messagesubject") or row.get("subject", "")
    date = moment(next((row[column] for column in _DATES if row.get(column)), ""))
    for recipient, way, via in _told(row):
        yield Sighting(name, recipient, way, via, date, sender, subject)


def by_status(status: str) -> Way | None:
    """What a trace's word for what became of a message tells of its recipient; None where they did not get it, or not yet."""
    return _STATUS.get(status.strip().lower())


def moment(text: str) -> datetime | None:
    """A time, UTC where it names no zone; None for a form that is not known."""
    found = next((made for form in ("", *_FORMS) if (made := _read(text.strip(), form))), None)
    return found and (found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC))


def _read(text: str, form: str) -> datetime | None:
    try:
        return datetime.strptime(text, form) if form else datetime.fromisoformat(text)
    except ValueError:
        return None


def _told(row: Row) -> Iterator[tuple[str, Way, str]]:
    """Recipient, way, and what led to them."""
    recipients = _addresses(next((row[column] for column in _RECIPIENTS if row.get(column)), ""))
    if event := (row.get("eventid") or row.get("event", "")).strip().upper():
        related = _addresses(row.get("relatedrecipientaddress", ""))
        yield from _of_event(event, row.get("source", "").strip().upper(), recipients, related)
    elif "##" in row.get("recipientstatus", ""):
        yield from _of_steps(row["recipientstatus"])
    elif way := by_status(row.get("status") or row.get("recipientstatus", "")):
        yield from ((recipient, way, "") for recipient in recipients)


def _of_event(event: str, source: str, recipients: list[str], related: list[str]) -> Iterator[tuple[str, Way, str]]:
    via = related[0] if related else ""
    if event in _OPENED:
        yield from ((recipient, Way.EXPANDED, via) for recipient in recipients if via)
        if event == "EXPAND" and (not recipients or not via):
            yield from ((each, Way.LIST, "") for each in related or recipients)
    elif event in _SENT_ON or (source == "MAILBOXRULE" and event in _REACHED):
        yield from ((recipient, Way.FORWARDED, via) for recipient in recipients)
    elif event in _REACHED:
        # What the sender's mailbox hands over names whom the sender addressed; any later hop names those behind lists too.
        way = Way.ADDRESSED if source == "STOREDRIVER" and event in {"RECEIVE", "SUBMIT"} else Way.DELIVERED
        yield from ((recipient, way, "") for recipient in recipients)


def _of_steps(text: str) -> Iterator[tuple[str, Way, str]]:
    """`address##Receive, Deliver;address##Receive, Expand`: every recipient with what was done for them."""
    for piece in text.split(";"):
        address, _, steps = piece.partition("##")
        words = {word.strip().lower() for word in steps.split(",")}
        way = next((way for step, way in _STEPS.items() if step in words), None)
        if way and "@" in address:
            yield canonical(address), way, ""


def _addresses(text: str) -> list[str]:
    if text.startswith("System."):
        raise SourceError(
            'its recipients were lost when it was written ("System.String[]"); in PowerShell, join them with '
            '@{n="Recipients";e={$_.Recipients -join ";"}} before Export-Csv.'
        )
    return [canonical(each) for each in text.replace(",", ";").split(";") if "@" in each]
