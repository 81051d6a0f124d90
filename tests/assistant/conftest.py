"""The service on a copy of the prepared database, for each test."""

import os
import shutil
import signal
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade

from assistant import create_app
from assistant.database import MIGRATIONS, db, writing
from assistant.languages import process
from assistant.languages.encoder import MultilingualEncoder, is_installed
from assistant.library import queries, revisions
from assistant.library.content.content_files import read
from tests.assistant.postgresql import Cluster, cluster
from tests.conftest import ROOT, settings_in

__all__ = ["cluster"]

ENTRY = "why-neurons-differ"
Run = Callable[..., Result]

TITLE = "If every neuron gets the same data, why do they not all come out the same?"


def republish(slug: str, **changes: object) -> None:
    """Publish an entry with other content, as teachers do: a new revision, since revisions are only ever added."""
    shown = revisions.require_entry(slug).published
    assert shown is not None
    draft = revisions.draft_of(slug, shown).model_copy(update=changes)
    with writing():
        revisions.save(draft, base=shown.number, author="test", reason="to see")
        revisions.publish(slug, shown.number + 1, expected=shown.number)


@pytest.fixture
def data_dir(prepared: Path, tmp_path: Path) -> Path:
    """A data folder of the test's own, with the library in it."""
    return Path(shutil.copytree(prepared, tmp_path / "data"))


@pytest.fixture
def few(prepared_few: Path, tmp_path: Path) -> Path:
    """A data folder of the test's own, with few of the library's entries: modules that fit often take it as theirs."""
    return Path(shutil.copytree(prepared_few, tmp_path / "data"))


@pytest.fixture
def app(data_dir: Path) -> Flask:
    """The service on the test's own data."""
    return create_app(settings_in(data_dir))


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser without JavaScript."""
    return app.test_client()


def add_entry(app: Flask) -> None:
    """Make the tables, and publish one entry, which needs no more of the library."""
    from models import registry

    (entry,) = [entry for entry in read(ROOT / "content") if entry.slug == ENTRY]
    with app.app_context():
        upgrade(str(MIGRATIONS))
        with writing():
            queries.store_experiments([registry.describe(entry.main.experiment)])
            db.session.flush()
            queries.store_entry(entry, author="test", reason="to see")
        db.engine.dispose()


@pytest.fixture(scope="session")
def sqlite_with_an_entry(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder whose database holds one entry; tests work on copies of it."""
    folder = tmp_path_factory.mktemp("sqlite")
    add_entry(create_app(settings_in(folder)))
    return folder


@pytest.fixture(scope="session")
def postgresql_with_an_entry(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database of the cluster that holds one entry; tests work on copies of it."""
    folder = tmp_path_factory.mktemp("postgresql")
    add_entry(create_app(settings_in(folder, database_url=cluster.create("with_an_entry"))))
    return "with_an_entry"


@pytest.fixture
def sqlite_app(sqlite_with_an_entry: Path, tmp_path: Path) -> Flask:
    """The service on an SQLite database that holds one entry."""
    return create_app(settings_in(Path(shutil.copytree(sqlite_with_an_entry, tmp_path / "data"))))


@pytest.fixture
def postgresql_app(cluster: Cluster, postgresql_with_an_entry: str, tmp_path: Path) -> Iterator[Flask]:
    """The service on a PostgreSQL database that holds one entry."""
    app = create_app(settings_in(tmp_path, database_url=cluster.create("copy", postgresql_with_an_entry)))
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(params=["sqlite_app", "postgresql_app"])
def either(request: pytest.FixtureRequest) -> Flask:
    """The service on a database of each kind, which holds one entry."""
    app: Flask = request.getfixturevalue(request.param)
    return app


def pid_of_languages(folder: Path) -> int:
    """Return the number of the process that reads other languages for a folder."""
    return int((folder / process.LOCK).read_text(encoding="ascii"))


def end_languages(folder: Path) -> None:
    """End that process, where there is one."""
    if (folder / process.SOCKET).exists():
        os.kill(pid_of_languages(folder), signal.SIGTERM)


@pytest.fixture(scope="session")
def multilingual(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MultilingualEncoder]:
    """What reads other languages, on a machine that may be busy; one process for all tests."""
    if not is_installed():
        pytest.skip("the encoder of other languages is not installed")
    folder = tmp_path_factory.mktemp("languages")
    yield MultilingualEncoder(folder, patience=120)
    end_languages(folder)


def runner_of(app: Flask) -> Run:
    """Return what runs a flask command on an app's data."""

    def run(*args: str | Path) -> Result:
        return app.test_cli_runner().invoke(args=[str(arg) for arg in args])

    return run


@pytest.fixture
def run(app: Flask) -> Run:
    """Run a flask command on the test's own data."""
    return runner_of(app)


def questions_in(path: Path) -> list[str]:
    """Return the questions that a database holds, the oldest first."""
    with closing(sqlite3.connect(path)) as connection:
        return [text for (text,) in connection.execute("SELECT text FROM questions ORDER BY asked_at")]
