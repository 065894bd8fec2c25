"""Turns a story into a labelled corpus: every copy in every mailbox that would hold it, as an Exchange council keeps them."""

from __future__ import annotations

import csv
import json
import re
import shutil
from datetime import datetime
from email import policy
from email.header import Header
from email.message import EmailMessage
from html import escape
from pathlib import Path
from zoneinfo import ZoneInfo

from directory import Directory, header_address
from papers import MEDIA, content_of
from quoting import Quoted, quote
from story import Entry, Story, read

LONDON = ZoneInfo("Europe/London")
_POLICY = policy.SMTP.clone(refold_source="none")


class Mailroom:
    """Writes one story's corpus below a folder."""

    def __init__(self, story: Story, folder: Path) -> None:
        self.story, self.council, self.folder = story, Directory(story), folder
        self.domain = story.council["domains"].split(";")[0].strip()
        self.texts: dict[str, str] = {}
        self.built: dict[str, EmailMessage] = {}
        self.counts: dict[Path, int] = {}
        self.missing: dict[str, str] = {}

    def write(self) -> None:
        """The whole corpus; the folder's earlier content is removed."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        self._facts()
        for entry in self.story.entries.values():
            self._deliver(entry, self._build(entry))
        self._labels()

    def message_id(self, entry: Entry) -> str:
        return f"{entry.number}.{self._date(entry):%Y%m%d%H%M}@{self.domain}"

    def _date(self, entry: Entry) -> datetime:
        return datetime.strptime(entry.headers["date"], "%Y-%m-%d %H:%M").replace(tzinfo=LONDON)

    def _subject(self, entry: Entry) -> str:
        if "subject" in entry.headers:
            return entry.headers["subject"]
        for name, prefix in (("re", "RE: "), ("fwd", "FW: "), ("autoforward", "")):
            if name in entry.headers:
                earlier = self._subject(self.story.entries[entry.headers[name]])
                return prefix + re.sub(r"^(re|fw|fwd):\s*", "", earlier, flags=re.IGNORECASE)
        return ""

    def _people(self, entry: Entry, name: str) -> list[tuple[str, str]]:
        return [self.council.address(value) for value in entry.several(name)]

    @staticmethod
    def _shown(people: list[tuple[str, str]]) -> str:
        return ", ".join(header_address(name, email) for name, email in people)

    def _build(self, entry: Entry) -> EmailMessage:
        message = EmailMessage(policy=_POLICY)
        if "noid" not in entry.headers:
            message["Message-ID"] = f"<{self.message_id(entry)}>"
        message["Date"] = self._date(entry)
        for header in ("From", "Sender", "To", "Cc"):
            if people := self._people(entry, header.lower()):
                _raw_header(message, header, self._shown(people))
        message["Subject"] = self._subject(entry)
        self._references(entry, message)
        self._write_text(entry, message)
        self._attach(entry, message)
        for place, part in enumerate(message.walk()):
            if part.is_multipart() and part.get_content_maintype() == "multipart":
                part.set_boundary(f"=_{entry.number}_{place}")
        self.built[entry.number] = message
        return message

    def _references(self, entry: Entry, message: EmailMessage) -> None:
        earlier = entry.headers.get("re") or entry.headers.get("fwd")
        if not earlier or "norefs" in entry.headers:
            return
        chain = self.built[earlier]
        references = f"{chain.get('References', '')} <{self.message_id(self.story.entries[earlier])}>".strip()
        message["In-Reply-To"] = f"<{self.message_id(self.story.entries[earlier])}>"
        message["References"] = references

    def _write_text(self, entry: Entry, message: EmailMessage) -> None:
        style = entry.headers.get("style", "outlook")
        number = entry.headers.get("re") or entry.headers.get("fwd")
        body = entry.body
        below = quote(self._quoted(number), style, forward="fwd" in entry.headers) if number and "noquote" not in entry.headers else ""
        text = f"{below}\n\n{body}" if style == "bottom" and below else f"{body}\n\n{below}" if below else body
        self.texts[entry.number] = text
        charset = entry.headers.get("charset", "utf-8")
        transfer = {"qp": "quoted-printable", "base64": "base64", "8bit": "8bit"}.get(entry.headers.get("encoding", ""))
        try:
            text.encode(charset)
        except UnicodeEncodeError:
            charset = "utf-8"
        if style == "htmlonly":
            message.set_content(_html(text), subtype="html", charset=charset, cte=transfer or "quoted-printable")
            return
        message.set_content(text, charset=charset, cte=transfer)
        if style in {"outlook", "gmail", "apple"}:
            message.add_alternative(_html(text), subtype="html", charset=charset, cte="quoted-printable")

    def _quoted(self, number: str) -> Quoted:
        entry = self.story.entries[number]
        to, cc = (self._shown(self._people(entry, header)) for header in ("to", "cc"))
        sender = header_address(*self.council.address(entry.headers["from"]))
        return Quoted(sender, self._date(entry), to, cc, self._subject(entry), self.texts[number])

    def _attach(self, entry: Entry, message: EmailMessage) -> None:
        carried = self.story.entries[entry.headers["fwd"]].papers if "fwd" in entry.headers else ()
        for paper in (*entry.papers, *carried):
            main, _, sub = MEDIA[paper.name.rpartition(".")[2].lower()].partition("/")
            message.add_attachment(content_of(paper.name, paper.text), main, sub, filename=paper.name)
        if "attachmessage" in entry.headers:
            message.add_attachment(self.built[entry.headers["attachmessage"]])

    def _deliver(self, entry: Entry, message: EmailMessage) -> None:
        only = [self.council.main(a) for a in entry.several("onlyin")]
        sender = self._sent_in(entry, only)
        bcc = self._people(entry, "bcc")
        everyone = [email for header in ("to", "cc", "bcc") for _, email in self._people(entry, header)]
        automatic = "autoforward" in entry.headers
        if not automatic and (unreached := set(only) - {*sender, *self.council.mailboxes(everyone)}):
            raise ValueError(f"message {entry.number}: OnlyIn names {sorted(unreached)}, whom the message does not reach; put them in To, Cc or Bcc")
        for mailbox in sender:
            if not automatic and (not only or mailbox in only):
                self._file(entry, mailbox, "Sent Items", [("Bcc", self._shown(bcc))] if bcc else [], message)
        # A mailbox's own rule sends on to whom the message does not name: there OnlyIn says where.
        owner = [email for _, email in self._people(entry, "to")][:1]
        rule = [("Auto-Submitted", "auto-forwarded"), ("X-MS-Exchange-Inbox-Rules-Loop", owner[0])] if automatic and owner else []
        for mailbox in self.council.mailboxes([*everyone, *(only if automatic else ())]):
            if not only or mailbox in only:
                self._file(entry, mailbox, "Inbox", rule, message)
        if "journal" in entry.headers:
            self._journal(entry, message, entry.headers["journal"].lower() == "recipient")

    def _sent_in(self, entry: Entry, only: list[str]) -> list[str]:
        """Whose Sent Items hold it: a delegate's own, and those of whom they write for where OnlyIn says so."""
        really, shown = (self.council.address(entry.headers.get(name) or entry.headers["from"])[1] for name in ("sender", "from"))
        return self.council.mailboxes([really, *({self.council.main(shown)} & set(only) - {self.council.main(really)})])

    def _file(self, entry: Entry, mailbox: str, folder: str, extra: list[tuple[str, str]], message: EmailMessage) -> None:
        place = self.folder / "mailboxes" / mailbox / folder
        place.mkdir(parents=True, exist_ok=True)
        self.counts[place] = self.counts.get(place, 0) + 1
        item = f"{self.counts[place]:04}.eml"
        head = "".join(
            f"{name}: {Header(value, 'us-ascii' if value.isascii() else 'utf-8', maxlinelen=10_000).encode()}\r\n" for name, value in extra
        )
        (place / item).write_bytes(head.encode() + message.as_bytes())
        if "noid" in entry.headers:
            self.missing.setdefault(entry.number, f"missing:{mailbox}/{folder}/{item}")

    def _journal(self, entry: Entry, message: EmailMessage, unknown: bool) -> None:
        sender = self.council.address(entry.headers["from"])[1]
        lines = [f"Sender: {sender}", f"Subject: {self._subject(entry)}", f"Message-Id: <{self.message_id(entry)}>"]
        for header in ("to", "cc", "bcc"):
            for _, email in self._people(entry, header):
                role = "Recipient" if unknown else header.capitalize()
                lists = self.council.lists
                lines += (
                    [f"{role}: {member}, Expanded: {email}" for member in self.council.mailboxes([email])]
                    if email.lower() in lists
                    else [f"{role}: {email}"]
                )
        report = EmailMessage(policy=_POLICY)
        report["From"] = f"MicrosoftExchange@{self.domain}"
        report["To"] = self.story.council["journal"]
        report["Date"] = self._date(entry)
        report["Message-ID"] = f"<journal.{self.message_id(entry)}>"
        report["Subject"] = self._subject(entry)
        report["X-MS-Journal-Report"] = ""
        report.set_content("\n".join(lines) + "\n")
        report.add_attachment(message)
        report.set_boundary(f"=_journal_{entry.number}")
        place = self.folder / "mailboxes" / self.story.council["journal"].lower() / "Inbox"
        place.mkdir(parents=True, exist_ok=True)
        self.counts[place] = self.counts.get(place, 0) + 1
        (place / f"{self.counts[place]:04}.eml").write_bytes(report.as_bytes())

    def _facts(self) -> None:
        facts = self.story.council
        several = {
            key: [part.strip() for part in facts.get(key, "").split(";") if part.strip()]
            for key in ("domains", "polling_days", "parties", "candidates", "archive_addresses")
        }
        periods = [period.split() for period in facts.get("pre_election", "").split(";") if period.strip()]
        document = {"name": facts["name"], **several, "journal": facts.get("journal", ""), "pre_election": periods}
        (self.folder / "council.json").write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", "utf-8")
        _table(
            self.folder / "people.csv",
            ["address", "name", "kind", "role", "group", "aliases"],
            [[row.get(k) or "" for k in row] for row in self.story.people],
        )
        _table(self.folder / "lists.csv", ["list", "member"], [[row["list"], row["member"]] for row in self.story.lists])

    def _labels(self) -> None:
        rows = [
            [self.missing.get(e.number) or self.message_id(e), label.rule, label.expected, label.difficulty, label.scenario, label.why]
            for e in self.story.entries.values()
            for label in e.labels
        ]
        _table(self.folder / "labels.csv", ["message_id", "rule", "expected", "difficulty", "scenario", "why"], rows)


def _raw_header(message: EmailMessage, name: str, value: str) -> None:
    """A header as typed, where the standard library would reject a legacy address."""
    try:
        message[name] = value
    except (ValueError, IndexError):
        message._headers.append((name, value))  # type: ignore[attr-defined]  # the library has no public way to write an X.500 address


def _html(text: str) -> str:
    paragraphs = "".join(f"<p class=MsoNormal>{escape(part).replace(chr(10), '<br>' + chr(10))}</p>\n" for part in text.split("\n\n"))
    return f'<html><head><style>p.MsoNormal {{margin:0cm; font-family:"Calibri",sans-serif}}</style></head><body>{paragraphs}</body></html>\n'


def _table(path: Path, header: list[str], rows: list[list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *rows])


_ROOT = Path(__file__).parents[1]
_DEMO = _ROOT.parent / "scanner" / "demo_council"


def corpus_of(story: Path) -> Path:
    """Where a story's corpus stands: the demonstration's in the package, the others beside their stories."""
    return _DEMO if story.stem == "thornbury-vale" else _ROOT / "corpora" / story.stem


if __name__ == "__main__":
    for story in sorted((_ROOT / "corpora" / "stories").glob("*.txt")):
        Mailroom(read(story), corpus_of(story)).write()
