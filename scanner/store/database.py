"""Opening the database: SQLite or PostgreSQL by URL, brought up to the newest schema."""

from __future__ import annotations

import sqlite3
from importlib import resources
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from scanner.errors import StoreError

_BUSY_SECONDS = 30

Database = Engine


def open_database(url: str, base: Path) -> Engine:
    """An engine on an up-to-date schema. A relative SQLite path starts from `base`. Raises StoreError in words for people."""
    try:
        engine = create_engine(_absolute(url, base))
        if engine.dialect.name == "sqlite":
            event.listen(engine, "connect", _prepare_sqlite)
        _upgrade(engine)
    except ModuleNotFoundError as error:
        raise StoreError(f"store.url: the driver {error.name} is not installed; run: pip install 'psycopg[binary]'") from error
    except CommandError as error:
        raise StoreError("store.url: the database was written by a newer version of Aboveboard; upgrade the program.") from error
    except OSError as error:
        raise StoreError(f"store.url: the folder of the database cannot be made ({error.strerror}); choose another place.") from error
    except (SQLAlchemyError, sqlite3.Error) as error:
        raise StoreError(
            f"store.url: the database cannot be opened ({type(error).__name__}); check the path, the server and the account's rights."
        ) from error
    return engine


def _upgrade(engine: Engine) -> None:
    """Brings the schema up to date, whole or not at all."""
    try:
        with engine.begin() as connection:
            if engine.dialect.name == "sqlite":
                # The driver begins no transaction before CREATE TABLE, so a killed upgrade would leave half a schema.
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            command.upgrade(_alembic(connection), "head")
    except BaseException:
        engine.dispose()
        raise


def _absolute(url: str, base: Path) -> Any:
    parsed = make_url(url)
    if parsed.drivername == "sqlite" and parsed.database and parsed.database != ":memory:":
        path = base / parsed.database
        path.parent.mkdir(parents=True, exist_ok=True)
        return parsed.set(database=str(path))
    return parsed


def _prepare_sqlite(connection: Any, _record: object) -> None:
    """Foreign keys on, and a write-ahead log, so that a digest can read while a scan writes and a killed scan leaves no half page."""
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={_BUSY_SECONDS * 1000}")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.close()


def _alembic(connection: Any) -> Config:
    config = Config()
    config.set_main_option("script_location", str(resources.files("scanner.store").joinpath("migrations")))
    config.attributes["connection"] = connection
    return config
