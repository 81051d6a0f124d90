"""The service for tests: a real SQLite database built by the real migrations, with the real content."""

import shutil
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade

from assistant import create_app
from assistant.config import Settings
from assistant.database import db
from assistant.library import revisions

ROOT = Path(__file__).parents[2]


def settings_in(folder: Path, **values: object) -> Settings:
    """Return settings whose database and queue lie in a folder of the test's own."""
    folder.mkdir(parents=True, exist_ok=True)
    return Settings.model_validate({"data_dir": folder, "content_dir": ROOT / "content", **values})


def republish(slug: str, **changes: object) -> None:
    """Publish an entry with other content, as teachers do: a new revision, since revisions are only ever added."""
    shown = revisions.found(slug).published
    assert shown is not None
    draft = revisions.draft_of(slug, shown).model_copy(update=changes)
    revisions.save(draft, base=shown.number, author="test", reason="to see")
    revisions.publish(slug, shown.number + 1, expected=shown.number)
    db.session.commit()


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a migrated database that holds the library; tests work on copies of it."""
    folder = tmp_path_factory.mktemp("prepared")
    app = create_app(settings_in(folder))
    with app.app_context():
        upgrade(str(ROOT / "migrations"))
    result = app.test_cli_runner().invoke(args=["library", "import"])
    assert result.exit_code == 0, result.output
    return folder


@pytest.fixture
def data_dir(prepared: Path, tmp_path: Path) -> Path:
    """A data folder of the test's own, with the library in it."""
    return Path(shutil.copytree(prepared, tmp_path / "data"))


@pytest.fixture
def app(data_dir: Path) -> Flask:
    """The service on the test's own data."""
    return create_app(settings_in(data_dir))


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser without JavaScript."""
    return app.test_client()
