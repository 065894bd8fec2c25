"""The first pass: envelopes only. Every copy goes into the ledger with the cursor that covers it; protected mail is left out unread."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace

from rules.circulation import EnvelopeRecipient, EnvelopeRole, Role
from rules.message import Address, Message
from rules.roster import Roster, canonical
from scanner.enquiry import is_stranger
from scanner.errors import ConfigurationError, SourceError
from scanner.pseudonym import Pseudonym
from scanner.reading.mail.envelope import Envelope, read_envelope
from scanner.reading.mail.journal import unwrap
from scanner.sources.source import Folder, Source, heads_by
from scanner.store.entry import Entry, Outcome, Participant
from scanner.store.ledger import Ledger
from scanner.threads import plain_subject


@dataclass(frozen=True, slots=True)
class Protected:
    """Channels whose text is never read: addresses, words in a subject line (lower case), whole mailboxes."""

    addresses: frozenset[str] = frozenset()
    subjects: tuple[str, ...] = ()
    mailboxes: frozenset[str] = frozenset()

    def admit(self, mailbox: str) -> None:
        """Raises ConfigurationError where this mailbox is left out as a whole, so that nobody scans it on demand."""
        if mailbox and canonical(mailbox) in self.mailboxes:
            raise ConfigurationError(f"{mailbox} is protected (protected.mailboxes) and is not scanned, on demand or otherwise.")

    def covers(self, message: Message, roster: Roster, others: Iterable[str] = ()) -> bool:
        """Whether the message is to, from or copied to a protected address, by any of its names or behind a list, or its subject says so.

        `others` are addresses that are known to have it from elsewhere: a mailbox that holds it, a journal's recipients.
        """
        subject = message.subject.lower()
        if any(words in subject for words in self.subjects):
            return True
        senders = (message.sender,) if message.submitter is None else (message.sender, message.submitter)
        people = (*senders, *message.visible, *(message.bcc or ()), *(Address(email) for email in others if email))
        return bool(self.addresses) and not self._known_as(roster).isdisjoint({p.email for p in people} | roster.reached(people))

    def channels(self, roster: Roster) -> frozenset[str]:
        """The addresses that a message must not bear: the protected ones and the lists that lead to them."""
        own = self._known_as(roster)
        lists = (canonical(name) for name in roster.lists)
        return own | {name for name in lists if self.addresses and not own.isdisjoint(roster.reached((Address(name),)))}

    def _known_as(self, roster: Roster) -> frozenset[str]:
        return self.addresses | {roster.main_address(address) for address in self.addresses}


def custodians_of(mailbox: str, roster: Roster) -> tuple[str, ...]:
    """The addresses under which one person's mailbox may lie, the main one first."""
    person = roster.person(mailbox)
    names = (person.address, *person.aliases) if person else ()
    return tuple(dict.fromkeys(canonical(name) for name in (mailbox, *names) if "@" in name))


@dataclass(frozen=True, slots=True)
class Collector:
    """Reads one source's new envelopes into the ledger. `notice` is told of addresses that mail went to and the roster does not know."""

    source: Source
    ledger: Ledger
    roster: Roster
    protected: Protected
    pseudonym: Pseudonym
    journal: str | None = None
    notice: Callable[[Collection[str]], None] | None = None

    def mailboxes(self, mailbox: str) -> tuple[str, ...]:
        """Every mailbox in scope, or one under any address of its owner. Raises SourceError where they cannot be listed."""
        return custodians_of(mailbox, self.roster) if mailbox else self.source.mailboxes()

    def folder(self, folder: Folder) -> Iterator[int]:
        """How many copies of each new page were read, after it is safe in the store. Raises SourceError where the folder cannot be listed.

        What could not be opened in an earlier scan is tried once more at the end.
        """
        label, listed, page = self.source.label, set[str](), None
        failed = self.ledger.failed(label, folder)
        for page in self.source.pages(folder, self.ledger.cursor(label, folder)):
            items = page.items if page.restarted else self.ledger.unknown(label, folder, page.items)
            failed -= frozenset(items)
            self.ledger.record(label, folder, page, self._noticed(folder, items))
            listed.update(page.items)
            yield len(items)
        if page is None:
            return
        if len(listed) == page.expected:
            self.ledger.keep_only(label, folder, listed)
        if again := sorted(failed & self.ledger.failed(label, folder)):
            self.ledger.record(label, folder, replace(page, restarted=False), self._noticed(folder, again))

    def close_missing(self, custodians: Collection[str] | None, listed: Collection[Folder]) -> Iterator[tuple[str, str]]:
        """Closes the folders of these mailboxes, or (None) of all, that were read once and are there no longer.

        Gives each mailbox that is gone with all its folders, and says so.
        """
        missing = self.ledger.close_missing(self.source.label, custodians, listed)
        for custodian in sorted({folder.custodian for folder in missing} - {folder.custodian for folder in listed}):
            yield custodian, f"this mailbox was read before, and {self.source.label} holds no mail of it any more."

    def leave_out(self) -> None:
        """Leaves out what was collected before its channel was protected."""
        self.ledger.leave_out(frozenset(self._person(address) for address in self.protected.channels(self.roster)))

    def _noticed(self, folder: Folder, items: Collection[str]) -> list[Entry]:
        """The items' entries. Strangers are put down before the cursor moves past them, so that none is lost."""
        entries = list(self._entries(folder, items))
        if self.notice and (strangers := frozenset(s for entry in entries if entry.outcome is Outcome.READ for s in entry.strangers)):
            self.notice(strangers)
        return entries

    def _entries(self, folder: Folder, items: Collection[str]) -> Iterator[Entry]:
        """An entry for each item; a journal mailbox's are read whole, since what they report stands in the body."""
        journal = self.journal is not None and folder.custodian == self.journal
        for item, head in heads_by(self.source.fetch, folder, items) if journal else self.source.heads(folder, items):
            yield _failed(item, folder.role, str(head)) if isinstance(head, SourceError) else self._entry(folder, item, head, journal)

    def _entry(self, folder: Folder, item: str, raw: bytes, journal: bool) -> Entry:
        try:
            return self._read(folder, item, raw, journal)
        except Exception as error:  # noqa: BLE001  # hostile mail that the reader stumbles over must not stop the scan
            return _failed(item, folder.role, f"{item}: the headers could not be read ({type(error).__name__})")

    def _read(self, folder: Folder, item: str, raw: bytes, journal: bool) -> Entry:
        name = f"missing:{folder.custodian}/{folder.path}/{item}"
        envelope = read_envelope(raw, name)
        if journal and envelope.journal:
            return self._journal(folder, item, raw)
        if envelope.message == read_envelope(b"", name).message:
            return _failed(item, folder.role, f"{item}: is empty" if not raw.strip() else f"{item}: is no message, it has no header")
        return self._copy(folder, item, envelope, self._role(folder, envelope.message))

    def _journal(self, folder: Folder, item: str, raw: bytes) -> Entry:
        report = unwrap(raw)
        if report is None:
            return _failed(item, Role.JOURNAL, "A journal report whose envelope or original is damaged")
        carried = read_envelope(report.original, report.message_id or f"missing:{folder.custodian}/{folder.path}/{item}")
        return self._copy(folder, item, carried, Role.JOURNAL, report.recipients)

    def _copy(self, folder: Folder, item: str, envelope: Envelope, role: Role, recipients: tuple[EnvelopeRecipient, ...] = ()) -> Entry:
        message = envelope.message
        recipients = (*recipients, *(self._delivered(folder, envelope) if role is not Role.JOURNAL else ()))
        others = (folder.custodian, *(address for r in recipients for address in (r.email, r.via)))
        subject = plain_subject(message.subject)
        return Entry(
            item=item,
            key=self.pseudonym(_name(message)),
            role=role,
            outcome=Outcome.LEFT_OUT if self.protected.covers(message, self.roster, others) else Outcome.READ,
            to_judge=self._is_from_inside(message.sender) and not (envelope.draft or folder.holds_drafts),
            date=message.date,
            subject_key=self.pseudonym(subject) if subject else "",
            variant=self.pseudonym(f"{self.roster.main_address(message.sender.email)}\n{subject}\n{message.date}"),
            rerouted=envelope.rerouted,
            references=frozenset(self.pseudonym(name) for name in (*message.references, message.in_reply_to) if name),
            participants=frozenset((*self._on_headers(message), *(self._on_envelope(r) for r in recipients))),
            strangers=frozenset(canonical(a.email) for a in message.visible if is_stranger(a.email, self.roster)) if self.notice else frozenset(),
        )

    def _is_from_inside(self, sender: Address) -> bool:
        return self.roster.inside(sender.email) or self.roster.who(sender) is not None

    def _role(self, folder: Folder, message: Message) -> Role:
        """What a copy is to its custodian: an author's copy that still shows its Bcc is the one that was sent, wherever it was filed."""
        authors = {self.roster.main_address(a.email) for a in (message.sender, message.submitter) if a}
        own = message.bcc is not None and self.roster.main_address(folder.custodian) in authors
        return Role.SENT if own else folder.role

    def _on_headers(self, message: Message) -> Iterator[Participant]:
        roles: tuple[tuple[str, tuple[Address, ...]], ...] = (
            ("from", (message.sender,)),
            ("sender", (message.submitter,) if message.submitter else ()),
            ("to", message.to),
            ("cc", message.cc),
            ("bcc", message.bcc or ()),
        )
        for role, addresses in roles:
            yield from (Participant(self._person(a.email), role) for a in addresses if a.email)

    def _delivered(self, folder: Folder, envelope: Envelope) -> Iterator[EnvelopeRecipient]:
        """Who had it by the delivery fields of a copy, and by which address it came to the mailbox that holds it.

        A colleague's address among them forwarded it here; one that the message shows, and nobody's by the roster, is an open list or alias.
        """
        custodian = self.roster.main_address(folder.custodian)
        shown = {self.roster.main_address(a.email) for a in envelope.message.visible}
        for email in dict.fromkeys(map(self.roster.main_address, envelope.delivered)):
            person = self.roster.person(email)
            if email == custodian:
                continue
            if person and email not in shown:
                yield EnvelopeRecipient(email, EnvelopeRole.DELIVERED)
            if person or email in shown:
                yield EnvelopeRecipient(custodian, EnvelopeRole.DELIVERED, email, forwarded=person is not None)

    def _on_envelope(self, recipient: EnvelopeRecipient) -> Participant:
        via = self._person(recipient.via) if recipient.via else ""
        return Participant(self._person(recipient.email), f"envelope-{recipient.role}", via, recipient.forwarded)

    def _person(self, email: str) -> str:
        return self.pseudonym(self.roster.main_address(email))


def _name(message: Message) -> str:
    """What makes two copies one message: the Message-ID or, where there is none, people, date and subject together."""
    if not message.id.startswith("missing:") or message.date is None:
        return message.id
    people = sorted(a.email for a in (message.sender, *message.visible))
    return "\n".join((*people, str(message.date), message.subject))


def _failed(item: str, role: Role, reason: str) -> Entry:
    return Entry(item, None, role, Outcome.FAILED, failure=reason)
