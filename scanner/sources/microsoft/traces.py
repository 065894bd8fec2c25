"""Message traces: to whom Exchange Online delivered what (learn.microsoft.com/graph/api/messagetracingroot-list-messagetraces).

A trace knows a message's name, each recipient after lists were opened, and what became of it; not whether that was To, Cc or Bcc.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from rules.roster import canonical
from scanner.sources.microsoft.line import Json, Line
from scanner.sources.patience import TransientError

KEPT = timedelta(days=90) - timedelta(hours=1)  # a question for the full 90 days is too old by the time that it arrives
_WINDOW = timedelta(days=10)


@dataclass(frozen=True, slots=True)
class Trace:
    """One delivery. `message_id` has no angle brackets; `status` is Graph's word: delivered, expanded (a list), failed, …"""

    message_id: str
    sender: str
    recipient: str
    status: str
    time: datetime


def traces(line: Line, since: datetime, until: datetime) -> Iterator[Trace]:
    """Every trace of a period, as far as the last 90 days hold it, in windows of the ten days that one question may span."""
    begin = max(since, until - KEPT)
    while begin < until:
        end = min(begin + _WINDOW, until)
        chosen = f"receivedDateTime ge {_stamp(begin)} and receivedDateTime le {_stamp(end)}"
        yield from map(_trace, line.each(f"/admin/exchange/tracing/messageTraces?$filter={quote(chosen, safe='')}&$top=5000"))
        begin = end


def _trace(found: Json) -> Trace:
    try:
        return Trace(
            message_id=str(found["messageId"] or "").strip("<> "),
            sender=canonical(str(found.get("senderAddress") or "")),
            recipient=canonical(str(found["recipientAddress"])),
            status=str(found.get("status") or ""),
            time=datetime.fromisoformat(str(found["receivedDateTime"])),
        )
    except (KeyError, ValueError) as error:
        raise TransientError("Microsoft 365 gave a message trace of an unknown form.") from error


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
