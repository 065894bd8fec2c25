"""The store on PostgreSQL: a cluster of its own on loopback, for the time of these tests, and the same findings as on SQLite."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from parish import ANN, BOB, JOURNAL, OLIVE, PETER, START, Parish, day, furnish, letter, outcome, report

from reports.casebook import Decision, Disposition
from scanner.errors import StoreError
from scanner.store.database import open_database
from scanner.store.tables import metadata

psycopg = pytest.importorskip("psycopg", reason="psycopg, the driver of PostgreSQL, is not installed")
_NUMBERS = count(1)


def _binary(name: str) -> str | None:
    """A server program: on the path, or where Debian keeps it, the newest first."""
    here = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda p: int(p.parts[-3].partition(".")[0]))
    return str(here[-1]) if here else shutil.which(name)


def _account() -> str | None:
    """The server refuses to run as root; None means that this account will do."""
    if os.getuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next((name for name in ("postgres", "nobody") if name in known), None) or pytest.skip("there is no unprivileged account to run PostgreSQL")


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    """The URL of a fresh cluster, without a database's name."""
    initdb, postgres = _binary("initdb"), _binary("postgres")
    if not initdb or not postgres:
        pytest.skip("PostgreSQL's server (initdb, postgres) is not installed")
    folder = Path(tempfile.mkdtemp(prefix="aboveboard-postgresql-"))
    user: dict[str, Any] = {"user": account} if (account := _account()) else {}
    if account:
        shutil.chown(folder, account)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    made = [
        initdb,
        "--pgdata",
        str(folder / "data"),
        "--username",
        "scan",
        "--auth",
        "trust",
        "--encoding",
        "UTF8",
        "--locale",
        "C.UTF-8",
        "--no-sync",
    ]
    subprocess.run(made, check=True, capture_output=True, cwd=folder, timeout=120, **user)
    settings = (f"port={port}", "listen_addresses=127.0.0.1", f"unix_socket_directories={folder}", "fsync=off", "shared_buffers=16MB")
    run = [postgres, "-D", str(folder / "data"), *(word for setting in settings for word in ("-c", setting))]
    server = subprocess.Popen(run, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder, **user)
    try:
        _await(port, server)
        yield f"postgresql+psycopg://scan@127.0.0.1:{port}"
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(30)
        shutil.rmtree(folder)


def _await(port: int, server: subprocess.Popen[bytes]) -> None:
    for _ in range(200):
        try:
            psycopg.connect(host="127.0.0.1", port=port, user="scan", dbname="postgres", connect_timeout=2).close()
        except psycopg.OperationalError:
            assert server.poll() is None, "PostgreSQL ended at once"
            time.sleep(0.1)
        else:
            return
    pytest.fail("PostgreSQL did not start within 20 seconds")


@pytest.fixture
def url(cluster: str) -> str:
    """A database of this test's own."""
    name = f"test_{next(_NUMBERS)}"
    with psycopg.connect(f"{cluster.replace('+psycopg', '')}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return f"{cluster}/{name}"


@pytest.fixture
def council(tmp_path: Path, url: str) -> Iterator[Parish]:
    with Parish(tmp_path, url) as made:
        yield made


def test_the_same_mail_comes_to_the_same_as_on_sqlite(tmp_path: Path, council: Parish) -> None:
    with Parish(tmp_path / "sqlite") as other:
        for parish in (council, other):
            furnish(parish)
            parish.scan(mailbox=OLIVE)
            parish.scan(until=day(4))
            parish.scan()
        assert outcome(council.cases) == outcome(other.cases)
        assert council.states() == other.states()
        assert len(council.findings()) > 10


def test_a_second_scan_reads_only_what_is_new(council: Parish) -> None:
    furnish(council)
    council.scan()
    council.source.fetched.clear()
    council.put(letter("late@x", OLIVE, (ANN,), subject="Late", date=day(20), Bcc=BOB), OLIVE, "Sent Items")
    result = council.scan()
    assert (result.collected, result.judged) == (1, 1)
    assert len(council.source.fetched) == 3, "the new message twice, and what failed before once more"


def test_decisions_survive_a_rescan(council: Parish) -> None:
    furnish(council)
    council.scan()
    first = council.all_cases()
    choice = Decision(Disposition.DISMISSED, "M. Officer", START, "Ann knew.")
    for case in first:
        assert council.cases.decide(case.finding.id, choice)
    council.scan(afresh=True)
    again = council.all_cases()
    assert [case.finding for case in again] == [case.finding for case in first]
    assert {case.decision for case in again} == {choice} and {case.first_found for case in again} == {case.first_found for case in first}


def test_what_sqlite_forgives_is_stored_too(council: Parish) -> None:
    """Names longer than a column, roles of every kind, and characters that PostgreSQL refuses."""
    council.journal = JOURNAL
    deep = "/".join(["a folder with a long name"] * 30)
    council.put(letter("nul\x00@x", OLIVE, (ANN,), subject="nul \x00 here", Bcc=BOB), OLIVE, deep)
    council.put(report(letter("a@x", PETER, (ANN,)), f"Recipient: {BOB}", f"Cc: {ANN}, Forwarded: {OLIVE}"), JOURNAL)
    council.put(letter("b@x", PETER, (ANN,)), PETER)
    council.scan()
    assert len(council.findings()) == 2
    assert council.coverage()[f"{OLIVE}/{deep}"] == (1, 1, 0, 0, 0, 0)


def test_the_migrations_build_the_tables(council: Parish) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with council.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata) == []


def test_a_server_that_does_not_answer_is_said_in_words(tmp_path: Path, cluster: str) -> None:
    with pytest.raises(StoreError, match="cannot be opened"):
        open_database("postgresql+psycopg://scan@127.0.0.1:1/none", tmp_path)
    with pytest.raises(StoreError, match="cannot be opened") as told:
        open_database(f"{cluster.replace('scan@', 'scan:secret@')}/nowhere", tmp_path)
    assert "secret" not in str(told.value)
