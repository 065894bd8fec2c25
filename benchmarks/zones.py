"""New content told from the rest, beside three other libraries, on the labelled messages held out: `python benchmarks/zones.py [RUNS]`.

The others are installed for the occasion and never required by the scanner:
`pip install mail-parser-reply==1.36 quotequail==0.5.4 email-reply-parser==0.5.12` in an environment of its own that has the scanner too.
All read the same text: HTML messages as our own reader lays them out. Prints line-level precision, recall and F1 of new content, and, since not
every library knows signatures, of all that the sender put there; for all, each hand and each form. Then the messages a second of RUNS rounds,
with the median ratios of our speed to theirs.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter

import quotequail
from email_reply_parser import EmailReplyParser
from mailparser_reply import EmailReplyParser as MailParserReply

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from zone_cases import Score, ZoneCase, load, score

from scanner.reading.zones.zones import divide

_LANGUAGES = ["en", "de", "fr", "es", "it", "pl"]


@dataclass(frozen=True)
class Reader:
    """A library: what it takes for new content, and for all that the sender put there, signature and small print included."""

    name: str
    new: Callable[[ZoneCase, str], str]
    sent: Callable[[ZoneCase, str], str]


def ours(case: ZoneCase, text: str) -> str:
    return divide(text, case.forward, case.reply)[0].new


def ours_sent(case: ZoneCase, text: str) -> str:
    body, _ = divide(text, case.forward, case.reply)
    return "\n".join((body.new, body.signature, body.disclaimer))


def mail_parser_reply(_: ZoneCase, text: str) -> str:
    replies = MailParserReply(languages=_LANGUAGES).read(text).replies
    return replies[0].body if replies else ""


def mail_parser_reply_sent(_: ZoneCase, text: str) -> str:
    replies = MailParserReply(languages=_LANGUAGES).read(text).replies
    return replies[0].content if replies else ""


def quotequail_shown(_: ZoneCase, text: str) -> str:
    return "\n".join(part for shown, part in quotequail.quote(text, quote_intro_line=True) if shown)


def email_reply_parser(_: ZoneCase, text: str) -> str:
    return EmailReplyParser.parse_reply(text)


def email_reply_parser_sent(_: ZoneCase, text: str) -> str:
    return "\n".join(part.content for part in EmailReplyParser.read(text).fragments if not part.quoted and not part.headers)


READERS = (
    Reader("ours", ours, ours_sent),
    Reader("mail-parser-reply", mail_parser_reply, mail_parser_reply_sent),
    Reader("quotequail", quotequail_shown, quotequail_shown),
    Reader("email-reply-parser", email_reply_parser, email_reply_parser_sent),
)


def measured(find: Callable[[ZoneCase, str], str], cases: list[ZoneCase], marks: str) -> str:
    parts = (score([line for mark, line in case.marked() if mark in marks], find(case, case.text)) for case in cases)
    total = sum(parts, Score())
    return f"P {total.hit / ((total.hit + total.extra) or 1):.3f}  R {total.hit / ((total.hit + total.missed) or 1):.3f}  F1 {total.f1:.3f}"


def rate(reader: Reader, texts: list[tuple[ZoneCase, str]]) -> float:
    start = perf_counter()
    for case, text in texts:
        reader.new(case, text)
    return len(texts) / (perf_counter() - start)


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    cases = [case for case in load() if case.held_out]
    groups = {"all": cases, **{f"hand {hand}": [c for c in cases if c.hand == hand] for hand in sorted({c.hand for c in cases})}}
    groups |= {"plain text": [c for c in cases if not c.html], "HTML": [c for c in cases if c.html]}
    for name, group in groups.items():
        print(f"{name}: {len(group)} messages held out; new content | with signature and small print")
        for reader in READERS:
            print(f"  {reader.name:18} {measured(reader.new, group, 'N')} | {measured(reader.sent, group, 'NSD')}")
    texts = [(case, case.text) for case in cases] * 5
    rates: dict[str, list[float]] = {reader.name: [] for reader in READERS}
    for run in range(1, runs + 1):
        for reader in READERS:
            rates[reader.name].append(rate(reader, texts))
        print(f"run {run}: " + ", ".join(f"{name} {found[-1]:.0f}/s" for name, found in rates.items()), flush=True)
    for name in list(rates)[1:]:
        print(f"ours to {name}: median {median(own / other for own, other in zip(rates['ours'], rates[name], strict=True)):.2f} times its speed")


if __name__ == "__main__":
    main()
