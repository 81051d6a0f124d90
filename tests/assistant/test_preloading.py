"""What a web process does before the first page asks for it."""

import gc
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask, template_rendered
from flask.testing import FlaskClient
from jinja2 import Template
from sqlalchemy import text

from assistant.database import db, writing
from assistant.preloading import preload
from assistant.questions.understanding import matcher

pytestmark = pytest.mark.slow  # each loads the service as gunicorn does


@pytest.fixture(autouse=True)
def thawed() -> Iterator[None]:
    """Let what a test's process keeps be collected again after the test."""
    gc.unfreeze()
    yield
    gc.unfreeze()


def test_no_page_has_to_compile_its_template(app: Flask, client: FlaskClient) -> None:
    files = [path for path in Path(app.root_path, "templates").rglob("*") if path.is_file()]
    preload(app).join()
    cache = app.jinja_env.cache
    assert cache is not None
    assert len(cache) >= len(files) > 50
    compiled = {id(template) for template in cache.values()}
    shown: list[Template] = []

    def note(_sender: Flask, template: Template, **_context: object) -> None:
        shown.append(template)

    with template_rendered.connected_to(note, app):
        assert client.get("/").status_code == 200
        assert client.get("/entries").status_code == 200
    assert shown
    assert {id(template) for template in shown} <= compiled


def test_the_matcher_is_there_before_anybody_asks(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    matcher._current.cache_clear()  # of the tests before
    preload(app).join()

    def corpus() -> None:
        pytest.fail("a page made the matcher")

    monkeypatch.setattr(matcher, "corpus", corpus)
    assert app.test_client().get("/?q=Why+do+neurons+differ%3F").status_code == 200


def test_garbage_collection_does_not_look_through_what_stays(app: Flask) -> None:
    assert gc.get_freeze_count() == 0
    preload(app).join()
    assert gc.get_freeze_count() > 100_000
    assert len(gc.get_objects()) < gc.get_freeze_count() / 10


def test_a_process_starts_beside_a_database_that_cannot_be_read(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    failed: list[threading.ExceptHookArgs] = []
    monkeypatch.setattr(threading, "excepthook", failed.append)
    with app.app_context(), writing():
        db.session.execute(text("ALTER TABLE entries RENAME TO others"))
    preload(app).join()
    assert not failed
