"""The second pass: conversations in which somebody inside wrote are read closely, each message once, and put before the rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import PurePath

from rules.circulation import Circulation, Copy, EnvelopeRecipient, EnvelopeRole, Role, Thread, in_order
from rules.finding import Finding
from rules.message import Message
from rules.rule import Context, Rule
from scanner.errors import SourceError
from scanner.pseudonym import Pseudonym
from scanner.reading.mail.journal import unwrap
from scanner.reading.mail.limits import Limits
from scanner.reading.mail.mime import read_message
from scanner.sources.source import Folder, Source
from scanner.store.cases import Judgement
from scanner.store.entry import Located, Participant
from scanner.ways import Shown, resolved
from scanner.wording import wording_of

Fault = tuple[str, str]

_ENVELOPE = "envelope-"


@dataclass(frozen=True, slots=True)
class Dossier:
    """One circulation as the ledger knows it, before its text is read. `judged` says that it is to be judged now, not only context."""

    key: str
    copies: tuple[Located, ...]
    envelope: tuple[Participant, ...]
    judged: bool


@dataclass(frozen=True, slots=True)
class _Read:
    """A dossier when it has been read: one circulation, more where messages wrongly share a Message-ID, fewer where none can be opened."""

    dossier: Dossier
    circulations: tuple[Circulation, ...]
    unread: tuple[Fault, ...]
    complete: bool


@dataclass(frozen=True)
class Judge:
    """Reads and judges conversations; one can stand in each worker process. `limits` names where documents are read, None for here."""

    sources: Mapping[str, Source]
    context: Context
    rules: tuple[Rule, ...]
    pseudonym: Pseudonym
    limits: Limits | None = None

    def close(self) -> None:
        """Ends the process that documents are read in, where there is one; a later document would start another."""
        if self.limits and self.limits.enclosure:
            self.limits.enclosure.close()

    def conversation(self, dossiers: Sequence[Dossier]) -> list[Judgement]:
        """Judgements of the dossiers that are to be judged; what could not be read is said in each."""
        read = [self._read(dossier) for dossier in dossiers]
        circulations = in_order(circulation for each in read for circulation in each.circulations)
        fresh = frozenset(c.message.id for each in read if each.dossier.judged for c in each.circulations)
        found, faults = self._findings(Thread(circulations, fresh))
        return [self._judgement(each, found, faults) for each in read if each.dossier.judged]

    def _judgement(self, read: _Read, found: Iterable[Finding], faults: tuple[Fault, ...]) -> Judgement:
        wording = tuple(wording_of(c.message, self.context.roster, self.pseudonym) for c in read.circulations)
        said = (_of(found, read.circulations), (*read.unread, *faults))
        return Judgement(read.dossier.key, *said, complete=read.complete and not faults, wording=wording)

    def _findings(self, thread: Thread) -> tuple[list[Finding], tuple[Fault, ...]]:
        """What the rules find; a fault in one of them is a reading failure of these messages, and the others and the scan go on."""
        found: list[Finding] = []
        faults: list[Fault] = []
        for rule in self.rules if thread.fresh else ():
            try:
                found += rule.check(thread, self.context, rule.settings) if rule.settings.enabled else ()
            except Exception as error:  # noqa: BLE001  # any fault of a rule must not stop the other conversations
                faults.append(("message", f"could not be judged by {rule.id} ({type(error).__name__})"))
        return found, tuple(faults)

    def _read(self, dossier: Dossier) -> _Read:
        """Each message of a dossier from its best copy: the sender's own, else a received one, else the journal's."""
        circulations: list[Circulation] = []
        unread: list[Fault] = []
        complete = True
        for copies in _variants(dossier.copies):
            if all(located.gone for located in copies):
                continue
            message, problems = self._first_readable(copies)
            unread += _unread(message) if message else problems
            complete = complete and message is not None
            if message:
                reported = any(located.copy.role is Role.JOURNAL for located in copies)
                envelope = dossier.envelope if reported or len(copies) == len(dossier.copies) else ()
                held = tuple(each.copy for each in copies)
                circulations.append(Circulation(message, held, tuple(dict.fromkeys(self._envelope(envelope, message, held)))))
        return _Read(dossier, tuple(circulations), tuple(dict.fromkeys(unread)), complete)

    def _first_readable(self, copies: Sequence[Located]) -> tuple[Message | None, list[Fault]]:
        problems: list[Fault] = []
        for located in copies:
            try:
                if not located.gone:
                    return self._message(located), []
            except SourceError as error:
                problems.append(("message", str(error)))
            except Exception as error:  # noqa: BLE001  # hostile mail that the reader stumbles over must not stop the scan
                problems.append(("message", f"could not be read ({type(error).__name__})"))
        return None, problems

    def _message(self, located: Located) -> Message:
        copy = located.copy
        if (source := self.sources.get(located.source)) is None:
            raise SourceError(f"{copy.custodian}/{copy.folder}/{copy.item}: lies in {located.source}, which is configured no longer.")
        raw = source.fetch(Folder(copy.custodian, copy.folder), copy.item)
        name = f"missing:{copy.custodian}/{copy.folder}/{copy.item}"
        if copy.role is Role.JOURNAL and (report := unwrap(raw)):
            return self._opened(report.original, report.message_id or name)
        message = self._opened(raw, name)
        return replace(message, bcc=message.bcc or ()) if copy.role is Role.SENT else message

    def _opened(self, raw: bytes, name: str) -> Message:
        return read_message(raw, name, self.limits) if self.limits else read_message(raw, name)

    @cached_property
    def _people(self) -> dict[str, str]:
        roster = self.context.roster
        return {self.pseudonym(roster.main_address(p.address)): p.address for p in roster.people}

    @cached_property
    def _lists(self) -> dict[str, str]:
        return {self.pseudonym(self.context.roster.main_address(name)): name for name in self.context.roster.lists}

    def _envelope(self, participants: Sequence[Participant], message: Message, copies: Iterable[Copy]) -> Iterator[EnvelopeRecipient]:
        """Journal and trace recipients whose pseudonyms the roster resolves; who is not on the roster stays unknown.

        A list that the roster lacks is known all the same where the message names it.
        """
        if not participants:
            return
        visible = {self._key(a.email): a.email for a in (message.sender, *message.visible)}
        ways = {**visible, **{self._key(a.email): a.email for a in message.bcc or ()}, **self._people, **self._lists}
        reported = [each for each in participants if each.role.startswith(_ENVELOPE)]
        shown = Shown(frozenset(visible), frozenset(self._lists), self._rerouted(copies))
        for each in (*reported, *resolved(participants, shown)):
            if address := self._people.get(each.person_key):
                via = ways.get(each.via_key, "unknown" if each.via_key else "")
                yield EnvelopeRecipient(address, EnvelopeRole(each.role.removeprefix(_ENVELOPE)), via, each.forwarded)

    def _rerouted(self, copies: Iterable[Copy]) -> frozenset[str]:
        """Whose received copies all came by a rule or a redirection."""
        received = [copy for copy in copies if copy.role is Role.RECEIVED]
        direct = {self._key(copy.custodian) for copy in received if not copy.rerouted}
        return frozenset(self._key(copy.custodian) for copy in received) - direct

    def _key(self, email: str) -> str:
        return self.pseudonym(self.context.roster.main_address(email))


def _variants(copies: Iterable[Located]) -> list[list[Located]]:
    """Copies by the message that they are of, in the order of the best copies."""
    found: dict[str, list[Located]] = {}
    for located in copies:
        found.setdefault(located.variant, []).append(located)
    return list(found.values())


def _of(found: Iterable[Finding], circulations: Iterable[Circulation]) -> tuple[Finding, ...]:
    """The findings in these messages, of two with one identity the graver."""
    names = {circulation.message.id for circulation in circulations}
    kept: dict[str, Finding] = {}
    for finding in sorted((f for f in found if f.message_id in names), key=lambda f: (f.severity, f.confidence)):
        kept[finding.id] = finding
    return tuple(kept.values())


def _unread(message: Message) -> list[Fault]:
    """What is missing of a message. An attachment goes by its place and kind: its name may say whom it is about."""
    attached = [
        (f"attachment {number} ({PurePath(a.name).suffix.lower()[:10] or a.media_type})", a.unread)
        for number, a in enumerate(message.attachments, 1)
        if a.unread
    ]
    return [*(("message", reason) for reason in message.unread), *attached]
