"""Migrations on SQLite and on PostgreSQL, with what is stored; and how failures are told."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from flask import Flask
from flask_migrate import check, downgrade, upgrade
from sqlalchemy import func, inspect, select, text
from sqlalchemy.exc import DBAPIError, StatementError

from assistant import create_app
from assistant.database import (
    MIGRATE,
    MIGRATIONS,
    db,
    explain_error,
    known_revisions,
    migration_problem,
    now,
    reading,
    writing,
)
from assistant.library.queries import published_entries, published_entry
from assistant.library.tables import EntryRow, RevisionRow
from assistant.questions.tables import QuestionRow
from assistant.runs import queries
from assistant.runs.tables import FigureRow, ProbeRow, RunRow
from tests.assistant.conftest import ENTRY
from tests.assistant.postgresql import Cluster
from tests.conftest import settings_in

pytestmark = pytest.mark.slow


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """The service on a database without tables."""
    url = ""
    if request.param == "postgresql":
        cluster: Cluster = request.getfixturevalue("cluster")
        url = cluster.create("empty")
    app = create_app(settings_in(tmp_path, database_url=url))
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def filled(either: Flask) -> Iterator[Flask]:
    """The service with an entry, a run with a figure, and a question."""
    with either.app_context():
        with writing():
            entry = published_entry(ENTRY)
            assert entry is not None
            assert entry.published is not None
            run = queries.enqueue(entry.published)
            run.figures = [
                FigureRow(
                    position=0,
                    name="one",
                    title="One",
                    caption="",
                    alternative="",
                    columns=["n"],
                    rows=[["1"]],
                    width=1,
                    height=1,
                    digest="0",
                    svg=b"<svg/>",
                )
            ]
            asked = {"text": "Why?", "outcome": "answer", "score": 1.0, "matcher": "m", "suggestions": []}
            db.session.add(QuestionRow(**asked, entry=entry, run=run))
        yield either


def counts() -> dict[str, int]:
    tables = (EntryRow, RevisionRow, RunRow, FigureRow, QuestionRow)
    with reading():
        return {
            table.__tablename__: db.session.scalar(select(func.count()).select_from(table)) or 0 for table in tables
        }


@pytest.mark.usefixtures("empty")
def test_migrations_go_up_down_and_up_again() -> None:
    upgrade(str(MIGRATIONS))
    tables = set(inspect(db.engine).get_table_names())
    assert set(db.metadata.tables) | {"alembic_version"} == tables
    downgrade(str(MIGRATIONS), "base")
    assert inspect(db.engine).get_table_names() == ["alembic_version"]
    upgrade(str(MIGRATIONS))
    assert set(inspect(db.engine).get_table_names()) == tables


@pytest.mark.usefixtures("empty")
def test_tables_and_migrations_do_not_differ() -> None:
    upgrade(str(MIGRATIONS))
    check(str(MIGRATIONS))  # leaves with SystemExit where they do


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("revision", known_revisions()[1:])
def test_migrations_keep_what_is_stored(revision: str) -> None:
    before = counts()
    assert min(before.values()) > 0
    downgrade(str(MIGRATIONS), revision)
    upgrade(str(MIGRATIONS))
    assert counts() == before


@pytest.mark.usefixtures("empty")
def test_the_state_of_the_migrations_is_told_in_one_line() -> None:
    def told() -> str | None:
        with db.engine.connect() as connection:
            return migration_problem(connection)

    assert told() == f"the database is not migrated: {MIGRATE}"
    upgrade(str(MIGRATIONS), "0001")
    head = known_revisions()[0]
    assert told() == f"the database is at migration 0001, and the code needs {head}: {MIGRATE}"
    upgrade(str(MIGRATIONS))
    assert told() is None
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert "9999, which this version does not know" in (told() or "")


@pytest.mark.usefixtures("empty")
def test_an_unmigrated_database_is_told_from_a_broken_one() -> None:
    with pytest.raises(DBAPIError) as missing:
        db.session.scalar(select(func.count()).select_from(RunRow))
    db.session.rollback()
    assert explain_error(missing.value) == "the database is not migrated: run `flask --app wsgi db upgrade`"
    with pytest.raises(DBAPIError) as broken:
        db.session.execute(text("SELECT nonsense("))
    assert explain_error(broken.value).startswith("the database cannot be used: ")
    assert "\n" not in explain_error(broken.value)


@pytest.mark.usefixtures("filled")
def test_dates_are_aware_of_utc() -> None:
    noon = datetime(2026, 7, 1, 12, tzinfo=timezone(timedelta(hours=2)))
    db.session.add(ProbeRow(name="one", written_at=noon))
    db.session.commit()
    read = db.session.get_one(ProbeRow, "one", populate_existing=True).written_at
    assert read == noon
    assert read.utcoffset() == timedelta(0)
    assert now().tzinfo is UTC
    db.session.add(ProbeRow(name="two", written_at=datetime(2026, 7, 1, 12)))  # noqa: DTZ001 - that is the point
    with pytest.raises(StatementError, match="needs a zone"):
        db.session.commit()
    db.session.rollback()


def test_sqlite_lets_others_read_while_one_writes_and_write_after_it_has_read(sqlite_app: Flask) -> None:
    database = sqlite_app.config["SETTINGS"].data_dir / "askneuron.sqlite"
    with sqlite_app.app_context(), closing(sqlite3.connect(database, timeout=0)) as other:
        assert db.session.execute(text("PRAGMA journal_mode")).scalar() == "wal"
        assert db.session.execute(text("PRAGMA foreign_keys")).scalar() == 1
        with writing():
            assert other.execute("SELECT count(*) FROM entries").fetchone() > (0,)
            with pytest.raises(sqlite3.OperationalError, match="locked"):
                other.execute("BEGIN IMMEDIATE")
        db.session.scalar(select(func.count()).select_from(RunRow))
        other.execute("BEGIN IMMEDIATE")
        other.rollback()


def test_a_file_that_was_unreadable_for_a_moment_is_read_anew_by_everybody(sqlite_app: Flask) -> None:
    file = sqlite_app.config["SETTINGS"].data_dir / "askneuron.sqlite"

    def entries() -> int:
        with sqlite_app.app_context():
            return len(published_entries())

    assert entries() == 1
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("UPDATE entries SET id = id")  # what others have read of it is outdated
        assert connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0
    whole = file.read_bytes()
    file.write_bytes(b"\xff" * len(whole))
    with pytest.raises(DBAPIError):
        entries()
    file.write_bytes(whole)
    assert entries() == 1
    with sqlite_app.app_context():
        queries.probe()
