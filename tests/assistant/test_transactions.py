"""Transactions: what is read, what is written, and what happens within each other."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing

import pytest
from flask import Flask
from sqlalchemy import select

from assistant.database import db, now, reading, writing
from assistant.runs.tables import ProbeRow

Begin = Callable[[], AbstractContextManager[None]]


@pytest.fixture(autouse=True)
def pushed(sqlite_app: Flask) -> Iterator[None]:
    with sqlite_app.app_context():
        yield


@pytest.fixture
def other(sqlite_app: Flask) -> Iterator[sqlite3.Connection]:
    """Another process' connection, which waits for nobody."""
    database = sqlite_app.config["SETTINGS"].data_dir / "askneuron.sqlite"
    with closing(sqlite3.connect(database, timeout=0, isolation_level=None)) as connection:
        yield connection


def add(name: str) -> None:
    db.session.add(ProbeRow(name=name, written_at=now()))


def stored(other: sqlite3.Connection) -> list[str]:
    return [name for (name,) in other.execute("SELECT name FROM probes ORDER BY name")]


def test_what_is_written_is_committed_at_the_end(other: sqlite3.Connection) -> None:
    with writing():
        add("one")
        db.session.flush()
        assert stored(other) == []
    assert stored(other) == ["one"]
    assert not db.session().in_transaction()


def test_an_exception_rolls_back_what_was_written(other: sqlite3.Connection) -> None:
    def fail() -> None:
        with writing():
            add("one")
            db.session.flush()
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        fail()
    assert stored(other) == []
    with writing():
        add("two")
    assert stored(other) == ["two"]


def test_one_writes_at_a_time_from_the_beginning(other: sqlite3.Connection) -> None:
    with writing(), pytest.raises(sqlite3.OperationalError, match="locked"):
        other.execute("BEGIN IMMEDIATE")
    other.execute("BEGIN IMMEDIATE")


def test_others_write_while_one_reads_and_nothing_of_it_is_seen(other: sqlite3.Connection) -> None:
    with reading():
        assert db.session.scalars(select(ProbeRow.name)).all() == []
        other.execute("INSERT INTO probes VALUES ('one', '2026-01-01 00:00:00')")
        assert db.session.scalars(select(ProbeRow.name)).all() == []
    assert not db.session().in_transaction()
    with reading():
        assert db.session.scalars(select(ProbeRow.name)).all() == ["one"]


def test_nothing_that_is_changed_while_reading_is_stored(other: sqlite3.Connection) -> None:
    with reading():
        add("one")
    assert stored(other) == []


def test_reading_within_writing_joins_it(other: sqlite3.Connection) -> None:
    with writing():
        add("one")
        with reading():
            assert db.session.scalars(select(ProbeRow.name)).all() == ["one"]
        add("two")
    assert stored(other) == ["one", "two"]


def test_writing_within_writing_is_stored_with_the_outer_one_or_not_at_all(other: sqlite3.Connection) -> None:
    def fail() -> None:
        with writing():
            add("inner that failed")
            db.session.flush()
            raise ValueError("no")

    with writing():
        add("outer")
        with writing():
            add("inner")
        with pytest.raises(ValueError, match="no"):
            fail()
        assert stored(other) == []
    assert stored(other) == ["inner", "outer"]


def test_writing_within_reading_is_refused() -> None:
    with reading(), pytest.raises(RuntimeError, match="end the reading first"), writing():
        pass


@pytest.mark.parametrize("begin", [reading, writing])
def test_changes_that_were_made_outside_are_refused(begin: Begin) -> None:
    add("one")
    with pytest.raises(RuntimeError, match=r"changed outside of writing\(\)"), begin():
        pass


@pytest.mark.parametrize("begin", [reading, writing])
def test_what_was_read_outside_is_read_anew(begin: Begin, other: sqlite3.Connection) -> None:
    with writing():
        add("one")
    row = db.session.get_one(ProbeRow, "one")
    assert row.written_at.year > 2001
    other.execute("UPDATE probes SET written_at = '2001-01-01 00:00:00'")
    assert db.session.scalars(select(ProbeRow.written_at)).one().year > 2001
    with begin():
        assert row.written_at.year == 2001
