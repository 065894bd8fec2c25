"""The first paragraph of a digest: what a busy person must know, in words."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from reports.alarm import Alarm
from reports.casebook import Case
from reports.entry import Reading, plural
from reports.tally import BySeverity, Read, Tally, is_new
from reports.week import Week, aware

_FEW = 0.01
_NONE_NEW = "No new potential breach this week"
_CALM = "No new potential breach this week, and nothing waits for a decision."


def lead(tally: Tally, cases: Iterable[Case], read: Read, alarms: Sequence[Alarm], reading: Reading) -> str:
    """New, waiting and read in a few sentences. Nothing found is called calm only where no grave alarm stands."""
    known, cases = reading.known, tuple(cases)
    new = [c for c in cases if is_new(c, known)]
    earlier = sum(1 for c in cases if c.is_waiting and aware(c.first_found) < known.since)
    later = sum(1 for c in cases if c.is_waiting and aware(c.first_found) >= known.until)
    grave = next((alarm.headline for alarm in alarms if alarm.grave), "")
    sentences = (
        f"This is not the full picture: {_lowered(grave)}." if grave else "",
        _found(tally.new, earlier, grave=bool(grave), later=later),
        _decided(new),
        _belated(new, reading.week),
        f"{later:,} more {'was' if later == 1 else 'were'} found after this week." if later else "",
        f"As the last scan left it: {_lowered(reading_words(read))}" if grave else reading_words(read),
    )
    return " ".join(filter(None, sentences))


def subject(tally: Tally, audience: str, alarms: Sequence[Alarm], week: Week) -> str:
    """The subject line of the digest's mail; a grave alarm goes before the counts."""
    grave = next((alarm.headline for alarm in alarms if alarm.grave), "")
    counts = f"{tally.new.total} new, {tally.waiting.total} waiting"
    return f"Aboveboard for the {audience}: {f'{grave.upper()}; ' if grave else ''}{counts} ({week})"


def reading_words(read: Read) -> str:
    """What was read, in a sentence or two; protected channels are named as left out on purpose."""
    if not read.expected:
        return "Nothing was expected, and nothing was read."
    left = f" {plural(read.left_out, 'copy', 'copies')} in protected channels left out, as intended." if read.left_out else ""
    if not read.missing:
        return f"Everything expected was read ({plural(read.read, 'copy', 'copies')}).{left}"
    if read.missing <= read.expected * _FEW:
        return f"Everything expected was read except {plural(read.missing, 'copy', 'copies')} of {read.expected:,}.{left}"
    return f"{read.read:,} of {plural(read.expected, 'copy', 'copies')} expected were read; {read.missing:,} were not.{left}"


def _lowered(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]


def _found(new: BySeverity, earlier: int, *, grave: bool, later: int) -> str:
    if not new.total and not earlier and later:
        return "Nothing was found in this week's scans."
    if not new.total and not earlier:
        return "Nothing new was found and nothing waits, which may only mean that the mail was not read." if grave else _CALM
    fresh = f"{plural(new.total, 'new potential breach', 'new potential breaches')} this week{_graded(new)}" if new.total else _NONE_NEW
    waits = f"{earlier:,} still waiting from earlier weeks" if earlier else "nothing waits from earlier weeks"
    return f"{fresh}, {waits}."


def _graded(new: BySeverity) -> str:
    parts = [f"{count} {word}" for count, word in ((new.high, "high"), (new.medium, "medium"), (new.low, "low")) if count]
    return f" ({', '.join(parts)})"


def _decided(new: Collection[Case]) -> str:
    count = sum(1 for case in new if case.decision)
    return f"{count:,} of the new ones {'is' if count == 1 else 'are'} already decided." if count else ""


def _belated(new: Collection[Case], week: Week) -> str:
    """The trend goes by the date of the message, so a late find must be said or the numbers seem not to agree."""
    since = week.interval.since
    count = sum(1 for case in new if case.finding.date and aware(case.finding.date) < since)
    return f"{count:,} of the new ones {'concerns a message' if count == 1 else 'concern messages'} sent before this week." if count else ""
