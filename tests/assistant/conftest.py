"""The service on a copy of the prepared database, for each test."""

import shutil
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from assistant import create_app
from assistant.database import db
from assistant.library import revisions
from tests.conftest import settings_in

TITLE = "If every neuron gets the same data, why do they not all come out the same?"


def republish(slug: str, **changes: object) -> None:
    """Publish an entry with other content, as teachers do: a new revision, since revisions are only ever added."""
    shown = revisions.found(slug).published
    assert shown is not None
    draft = revisions.draft_of(slug, shown).model_copy(update=changes)
    revisions.save(draft, base=shown.number, author="test", reason="to see")
    revisions.publish(slug, shown.number + 1, expected=shown.number)
    db.session.commit()


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
