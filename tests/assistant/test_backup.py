"""Backups of the database, and bringing them back."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from threading import Event, Thread

import pytest
from flask import Flask
from flask.testing import FlaskClient

from assistant import create_app
from assistant.accounts import accounts
from assistant.config import Settings
from assistant.database import db, writing
from assistant.questions.tables import QuestionRow
from assistant.questions.understanding import fit_queries
from tests.assistant.conftest import Run, questions_in, runner_of

pytestmark = pytest.mark.slow

TITLE = "If every neuron gets the same data, why do they not all come out the same?"


def test_a_backup_brings_back_what_was_there(run: Run, client: FlaskClient, data_dir: Path, tmp_path: Path) -> None:
    database, copy = data_dir / "askneuron.sqlite", tmp_path / "copy.sqlite"
    client.post("/questions", data={"question": "What is before?"})
    saved = run("backup", copy)
    assert saved.exit_code == 0, saved.output
    assert saved.output.endswith(f"MB written to {copy}\n")
    assert copy.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir() if "copy" in path.name] == ["copy.sqlite"]
    client.post("/questions", data={"question": "What is after?"})

    restored = run("restore", copy)
    assert restored.exit_code == 0, restored.output
    (kept,) = data_dir.glob("askneuron.sqlite.replaced-*Z")
    assert restored.output == f"{database} now holds what {copy} held; what it held before is in {kept}\n"
    assert questions_in(database) == ["What is before?"]
    assert questions_in(kept) == ["What is before?", "What is after?"]
    assert client.post("/questions", data={"question": "Does it go on?"}).status_code == 303
    assert questions_in(database) == ["What is before?", "Does it go on?"]

    assert run("restore", kept).exit_code == 0
    assert questions_in(database) == ["What is before?", "What is after?"]


def dumped(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return list(connection.iterdump())


def test_a_backup_holds_every_table(run: Run, app: Flask, data_dir: Path, tmp_path: Path) -> None:
    with app.app_context():
        accounts.add("Ada", "owner", "correct horse battery", by="test")
        with writing():
            fit_queries.store_fit(b"what matching learned")
    assert run("backup", tmp_path / "copy.sqlite").exit_code == 0
    copied = dumped(tmp_path / "copy.sqlite")
    assert copied == dumped(data_dir / "askneuron.sqlite")
    for table in db.metadata.tables:
        assert any(line.startswith(f'CREATE TABLE "{table}"') or f"CREATE TABLE {table} " in line for line in copied)
    for table in ("teachers", "audit", "fits", "phrasings", "revisions"):
        assert any(line.startswith(f'INSERT INTO "{table}"') for line in copied), table


def test_backups_and_restores_are_whole_while_others_write(
    run: Run, app: Flask, data_dir: Path, tmp_path: Path
) -> None:
    """Each write adds two rows that belong together; a copy, and the database after it, holds both or none."""
    stop, written = Event(), Event()

    def write() -> None:
        while not stop.is_set():
            with app.app_context():
                for text in ("one", "two"):
                    row = QuestionRow(text=text, outcome="unknown", score=0.0, matcher="m", suggestions=[])
                    db.session.add(row)
                    db.session.flush()
                db.session.commit()
            written.set()

    def whole(path: Path) -> bool:
        found = questions_in(path)
        return found.count("one") == found.count("two")

    writer = Thread(target=write)
    writer.start()
    try:
        assert written.wait(30)
        for at in range(5):
            copy = tmp_path / f"{at}.sqlite"
            assert run("backup", copy).exit_code == 0
            assert whole(copy)
            assert run("restore", copy).exit_code == 0
    finally:
        stop.set()
        writer.join()
    kept = list(data_dir.glob("askneuron.sqlite.replaced-*Z"))
    assert len(kept) == 5
    assert all(whole(path) for path in (*kept, data_dir / "askneuron.sqlite"))
    with closing(sqlite3.connect(data_dir / "askneuron.sqlite")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_a_backup_overwrites_nothing(run: Run, tmp_path: Path) -> None:
    there = tmp_path / "there.sqlite"
    there.write_text("mine", encoding="ascii")
    result = run("backup", there)
    assert (result.exit_code, result.output) == (
        1,
        f"Error: {there} is there already; a backup never overwrites a file\n",
    )
    assert there.read_text(encoding="ascii") == "mine"


def test_what_a_killed_backup_left_goes_with_the_next_and_that_of_a_running_one_stays(run: Run, tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "--version"]) as ended:
        ended.wait()
    killed, running = (tmp_path / f".askneuron-{number}.part" for number in (ended.pid, os.getppid()))
    for each in (killed, running, tmp_path / ".other-7.part", killed.with_name(f"{killed.name}-journal")):
        each.touch()
    assert run("backup", str(tmp_path / "copy")).exit_code == 0
    assert not killed.exists()
    assert sorted(path.name for path in tmp_path.glob(".*")) == sorted([running.name, ".other-7.part"])


@pytest.mark.parametrize("damage", ["no database", "cut short", "pages", "header"])
def test_a_backup_is_brought_back_where_the_present_database_is_damaged(
    run: Run, data_dir: Path, tmp_path: Path, damage: str
) -> None:
    backup, database = tmp_path / "copy", data_dir / "askneuron.sqlite"
    assert run("backup", str(backup)).exit_code == 0
    db_bytes = database.read_bytes()
    damaged = {
        "no database": b"no database at all, but longer than a header" * 9,
        "cut short": db_bytes[: len(db_bytes) // 3 + 11],
        "pages": db_bytes[:4096] + b"\xff" * (len(db_bytes) - 4096),
        "header": b"\x00" * 100 + db_bytes[100:],
    }[damage]
    for beside in data_dir.glob("askneuron.sqlite-*"):
        beside.unlink()
    database.write_bytes(damaged)
    told = run("restore", str(backup))
    assert told.exit_code == 0, told.output
    (kept,) = (
        path for path in data_dir.glob("askneuron.sqlite.replaced-*") if not path.name.endswith(("-wal", "-shm"))
    )
    assert kept.stat().st_size > 0
    with closing(sqlite3.connect(database)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("SELECT count(*) FROM entries").fetchone()[0] > 0


def test_a_backup_into_no_folder_says_so(run: Run, tmp_path: Path) -> None:
    result = run("backup", tmp_path / "no" / "folder.sqlite")
    assert result.exit_code == 1
    assert result.output.startswith("Error: cannot back ")
    assert "No such file or directory" in result.output
    assert result.output.count("\n") == 1


def make_text(path: Path) -> None:
    path.write_text("a letter", encoding="ascii")


def make_other_database(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE entries (id INTEGER)")


def make_newer(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()


def make_damaged(path: Path) -> None:
    with path.open("rb+") as file:
        file.seek(8192)
        file.write(b"\xff" * 40_000)


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (make_text, "is no backup of this service: it is no SQLite database"),
        (make_other_database, "is no backup of this service: it has no table alembic_version"),
        (make_newer, "comes from a version of the service that this one does not know"),
        (make_damaged, ""),
    ],
)
def test_what_is_no_backup_is_refused_and_changes_nothing(
    run: Run, data_dir: Path, tmp_path: Path, spoil: Callable[[Path], None], reason: str
) -> None:
    path = tmp_path / "file"
    if spoil in {make_newer, make_damaged}:
        assert run("backup", path).exit_code == 0
    spoil(path)
    result = run("restore", path)
    assert result.exit_code == 1
    assert result.output.startswith(f"Error: {path} ")
    assert reason in result.output
    assert result.output.count("\n") == 1
    assert list(data_dir.glob("*.replaced-*")) == []


@pytest.mark.parametrize("link", [None, Path.symlink_to, Path.hardlink_to])
def test_a_database_is_not_restored_from_itself(
    run: Run, data_dir: Path, tmp_path: Path, link: Callable[[Path, Path], None] | None
) -> None:
    """SQLite would wait for itself without end."""
    database = data_dir / "askneuron.sqlite"
    given = database if link is None else tmp_path / "link"
    if link is not None:
        link(given, database)
    result = run("restore", given)
    assert result.exit_code == 1
    assert result.output == f"Error: {given} is the database itself; a backup of it is another file\n"


def test_a_pipe_is_not_waited_for(run: Run, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    result = run("restore", tmp_path / "pipe")
    assert result.exit_code == 1
    assert result.output == f"Error: {tmp_path}/pipe is no backup of this service: it is no file\n"


def test_a_backup_of_an_earlier_version_is_brought_back_with_advice(run: Run, tmp_path: Path) -> None:
    copy = tmp_path / "copy.sqlite"
    assert run("backup", copy).exit_code == 0
    with closing(sqlite3.connect(copy)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0001'")
        connection.commit()
    result = run("restore", copy)
    assert result.exit_code == 0
    assert "flask --app wsgi db upgrade" in result.output


def test_a_backup_is_brought_back_where_there_was_no_database(run: Run, tmp_path: Path) -> None:
    copy, folder = tmp_path / "copy.sqlite", tmp_path / "new"
    folder.mkdir()
    assert run("backup", copy).exit_code == 0
    app = create_app(Settings.model_validate({"data_dir": folder}))
    result = runner_of(app)("restore", copy)
    assert result.output == f"{folder / 'askneuron.sqlite'} now holds what {copy} held\n"
    assert app.test_client().get("/entries").status_code == 200


@pytest.mark.parametrize(("command", "tool"), [("backup", "pg_dump"), ("restore", "pg_restore")])
def test_other_databases_have_their_own_tools(tmp_path: Path, command: str, tool: str) -> None:
    url = "postgresql+psycopg://me:secret@127.0.0.1:1/none"
    app = create_app(Settings.model_validate({"data_dir": tmp_path, "database_url": url}))
    (tmp_path / "file").touch()
    result = runner_of(app)(command, tmp_path / "file")
    assert result.exit_code == 2
    assert tool in result.output
    assert "secret" not in result.output


def test_a_database_that_is_not_the_services_own_is_named_and_not_backed_up(tmp_path: Path) -> None:
    app = create_app(Settings.model_validate({"data_dir": tmp_path}))
    with app.app_context(), db.engine.connect() as connection:
        connection.exec_driver_sql("CREATE TABLE other (id INTEGER)")
        connection.commit()
    result = app.test_cli_runner().invoke(args=["backup", str(tmp_path / "a.backup")])
    assert result.output == (
        f"Error: {tmp_path}/askneuron.sqlite is no database of this service: it has no table alembic_version\n"
    )
    assert list(tmp_path.glob("*.backup")) == list(tmp_path.glob(".*.part")) == []


def test_a_missing_database_cannot_be_backed_up(tmp_path: Path) -> None:
    app = create_app(Settings.model_validate({"data_dir": tmp_path}))
    result = runner_of(app)("backup", tmp_path / "copy")
    assert result.output == f"Error: there is no database at {tmp_path / 'askneuron.sqlite'}\n"
    assert result.exit_code == 1
