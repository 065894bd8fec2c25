"""What mail servers tell beside mail: who is on their lists, and which mailboxes send their mail on."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, delete, insert, or_, select, update

from scanner.pseudonym import Pseudonym
from scanner.sources.directory import Forwarding
from scanner.store.arrival import chunks
from scanner.store.tables import forwarding, mail_list, storable, stranger

_ASK_AGAIN = timedelta(days=30)
_LONGEST = 320  # of an address (RFC 5321 4.5.3.1, local part and domain)


@dataclass(frozen=True, slots=True)
class Arranged:
    """A forwarding with the times when it was first and last seen; `ended` is when it was found to be gone."""

    forwarding: Forwarding
    first_seen: datetime
    last_seen: datetime
    ended: datetime | None


class Register:
    """Lists and forwardings as servers told them. Each method is one transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def note(self, addresses: Collection[str], key: Pseudonym, at: datetime) -> None:
        """Puts down addresses to be asked about; one that proved to be no list is asked about again after a month."""
        with self._engine.begin() as connection:
            wanted = {key(address): address for address in addresses}
            held = {name for part in chunks(wanted) for name in connection.scalars(select(stranger.c.key).where(stranger.c.key.in_(part)))}
            stale = or_(stranger.c.asked.is_(None), stranger.c.asked < at - _ASK_AGAIN)
            for name in wanted.keys() & held:
                connection.execute(update(stranger).where(stranger.c.key == name, stale).values(address=wanted[name]))
            if new := [{"key": name, "address": wanted[name]} for name in sorted(wanted.keys() - held)]:
                connection.execute(insert(stranger), new)

    def strangers(self) -> tuple[str, ...]:
        """The addresses that no server has been asked about."""
        with self._engine.begin() as connection:
            return tuple(a for a in connection.scalars(select(stranger.c.address).order_by(stranger.c.address)) if a)

    def lists(self) -> dict[str, tuple[str, ...]]:
        """Each list with its members, as last told."""
        with self._engine.begin() as connection:
            return {row.address: tuple(row.members) for row in connection.execute(select(mail_list).order_by(mail_list.c.address))}

    def record_members(self, source: str, told: Mapping[str, tuple[str, ...]], at: datetime) -> frozenset[str]:
        """Who is on these lists; gives those that nothing was known of before."""
        with self._engine.begin() as connection:
            held = frozenset(connection.scalars(select(mail_list.c.address)))
            for address, members in told.items():
                values = {"source": source, "members": list(members), "last_seen": at}
                if address in held:
                    connection.execute(update(mail_list).where(mail_list.c.address == address).values(values))
                else:
                    connection.execute(insert(mail_list).values(address=address, first_seen=at, **values))
        return frozenset(told) - held

    def settle(self, addresses: Collection[str], key: Pseudonym, at: datetime) -> None:
        """Forgets the addresses of strangers about whom every server was asked; under their pseudonyms it is known that they were."""
        names = [key(address) for address in addresses]
        with self._engine.begin() as connection:
            for part in chunks(names):
                connection.execute(update(stranger).where(stranger.c.key.in_(part)).values(address=None, asked=at))

    def record_forwardings(self, source: str, custodian: str, told: Iterable[Forwarding], at: datetime) -> None:
        """What one mailbox sends on now; what it sent on before and does no longer has ended."""
        mine = (forwarding.c.source == source, forwarding.c.custodian == custodian)
        with self._engine.begin() as connection:
            held = {(r.target, r.kind): r for r in connection.execute(select(forwarding).where(*mine))}
            now = _merged(told)
            for (target, kind), copies_all in now.items():
                row = {"copies_all": copies_all, "last_seen": at, "ended": None}
                old = held.get((target, kind))
                if old and not old.ended:
                    connection.execute(update(forwarding).where(forwarding.c.id == old.id).values(row))
                else:  # one that comes back is a new arrangement
                    _begin(connection, old.id if old else None, {"source": source, "custodian": custodian, "target": target, "kind": kind, **row}, at)
            for name, old in held.items():
                if name not in now and not old.ended:
                    connection.execute(update(forwarding).where(forwarding.c.id == old.id).values(ended=at))

    def arranged(self) -> list[Arranged]:
        """Every forwarding that was ever seen, by mailbox."""
        chosen = select(forwarding).order_by(forwarding.c.custodian, forwarding.c.target, forwarding.c.kind)
        with self._engine.begin() as connection:
            rows = connection.execute(chosen).all()
        return [Arranged(Forwarding(r.custodian, r.target, r.kind, r.copies_all), r.first_seen, r.last_seen, r.ended) for r in rows]


def _merged(told: Iterable[Forwarding]) -> dict[tuple[str, str], bool]:
    """Several rules to one target are one arrangement, which copies all where any of them does."""
    found: dict[tuple[str, str], bool] = {}
    for each in told:
        name = (storable(each.target)[:_LONGEST], each.kind)
        found[name] = found.get(name, False) or each.copies_all
    return found


def _begin(connection: Connection, former: int | None, row: dict[str, object], at: datetime) -> None:
    if former is not None:
        connection.execute(delete(forwarding).where(forwarding.c.id == former))
    connection.execute(insert(forwarding).values(first_seen=at, **row))
