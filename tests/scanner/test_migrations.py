"""The schema: the migrations build what tables.py says, whole or not at all, and a database that does not fit is refused in words."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, text

from scanner.errors import StoreError
from scanner.store.cases import Cases
from scanner.store.database import _alembic, open_database
from scanner.store.tables import metadata

URL = "sqlite:///deep/er/store.db"


def test_the_migrations_build_the_tables(tmp_path: Path) -> None:
    engine = open_database(URL, tmp_path)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "target_metadata": metadata})
        assert compare_metadata(context, metadata) == []
        keys = {t.name: sorted(c.name for c in t.primary_key) for t in metadata.sorted_tables}
        built = {name: sorted(row[1] for row in connection.execute(text(f"PRAGMA table_info('{name}')")) if row[5]) for name in keys}
        assert built == keys
    engine.dispose()


def test_a_scan_of_the_first_schema_is_still_told(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'old.db'}")
    with engine.begin() as connection:
        command.upgrade(_alembic(connection), "0001")
        problems = """'["Bob: refused"]'"""
        connection.execute(text(f"INSERT INTO scan VALUES (1, '2026-03-02 05:00', '2026-03-02 05:09', '', '', {problems})"))
    engine.dispose()
    engine = open_database("sqlite:///old.db", tmp_path)
    (run,) = Cases(engine).runs(datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
    assert (run.problems, run.asked_by, run.left_out, run.shortfalls, run.held) == (("Bob: refused",), "", (), {}, {})
    engine.dispose()


def test_a_database_in_a_folder_that_is_not_there_is_made_and_opened_again(tmp_path: Path) -> None:
    for _ in range(2):
        engine = open_database(URL, tmp_path)
        with engine.connect() as connection:
            assert connection.execute(text("SELECT count(*) FROM circulation")).scalar() == 0
            assert connection.execute(text("PRAGMA foreign_keys")).scalar() == 1
            assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"
        engine.dispose()
    assert (tmp_path / "deep/er/store.db").is_file()


def test_a_database_of_a_newer_program_is_refused_and_left_alone(tmp_path: Path) -> None:
    engine = open_database(URL, tmp_path)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(StoreError, match="newer version"):
        open_database(URL, tmp_path)
    with sqlite3.connect(tmp_path / "deep/er/store.db") as raw:
        assert raw.execute("SELECT version_num FROM alembic_version").fetchone() == ("9999",)
    raw.close()


def _no_database(folder: Path) -> str:
    (folder / "letter.txt").write_text("Dear Ann, " * 1000)
    return "sqlite:///letter.txt"


def _no_folder(folder: Path) -> str:
    (folder / "file").write_text("")
    return "sqlite:///file/store.db"


def _a_folder(folder: Path) -> str:
    (folder / "store.db").mkdir()
    return "sqlite:///store.db"


@pytest.mark.parametrize(
    "spoil", [_no_database, _no_folder, _a_folder, lambda _: "no url", lambda _: "oracle://x/y", lambda _: "sqlite+nothing:///x"]
)
def test_what_cannot_be_opened_is_said_in_words(tmp_path: Path, spoil: object) -> None:
    assert callable(spoil)
    with pytest.raises(StoreError, match=r"^store\.url: "):
        open_database(spoil(tmp_path), tmp_path)


KILLED = """
import os, signal, sys
from pathlib import Path
from itertools import count
from sqlalchemy import event
from sqlalchemy.engine import Engine
from scanner.store.cases import Cases
from scanner.store.database import _alembic, open_database
numbers = count(1)
@event.listens_for(Engine, "before_cursor_execute")
def step(connection, cursor, statement, *rest):
    if statement.lstrip().startswith("CREATE") and next(numbers) == int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)
open_database("sqlite:///store.db", Path(sys.argv[1]))
"""


@pytest.mark.parametrize("moment", [2, 9, 20])
def test_an_upgrade_that_is_killed_leaves_no_half_schema(tmp_path: Path, moment: int) -> None:
    root = Path(__file__).parents[2]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    ended = subprocess.run([sys.executable, "-c", KILLED, tmp_path, str(moment)], env=environment, check=False, timeout=60)
    assert ended.returncode == -signal.SIGKILL
    engine = open_database("sqlite:///store.db", tmp_path)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()
