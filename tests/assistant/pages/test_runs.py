"""A run's own page: what it says where there is nothing to watch."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from assistant.database import db, writing
from assistant.runs.tables import ReplayRow, RunRow
from tests.assistant.runs.conftest import finished_run

__all__ = ["finished_run"]

KEPT = "Nothing to watch is kept of this run; its numbers stay."


@pytest.fixture
def run(app: Flask, finished_run: Callable[..., RunRow]) -> str:
    """A finished run of which nothing was recorded, or no longer is."""
    versions = {"tensorflow": "2", "numpy": "2", "cpu": "x"}
    with app.app_context():
        finished_run("old", findings={}, setup={}, versions=versions, seconds={"train": 0.1, "figures": 0.1})
    return "old"


def test_a_run_that_can_no_longer_be_watched_says_so(app: Flask, client: FlaskClient, run: str) -> None:
    page = client.get(f"/runs/{run}")
    assert page.status_code == 200
    assert KEPT in page.text
    assert "<replay-player" not in page.text
    with app.app_context(), writing():
        db.session.add(ReplayRow(run_id=run, recording=b"", scripts=b""))
    page = client.get(f"/runs/{run}")
    assert KEPT not in page.text
    assert "<replay-player" in page.text


def test_a_run_that_failed_says_why(app: Flask, client: FlaskClient) -> None:
    with app.app_context(), writing():
        values = {"hyperparameters": {}, "networks": 64, "seed": 1, "evidence": False, "claims": []}
        db.session.add(RunRow(id="bad", experiment="symmetry", state="failed", failure="it was too large", **values))
    page = client.get("/runs/bad")
    assert page.status_code == 200
    assert "This run failed" in page.text
    assert "It was too large." in page.text
    assert KEPT not in page.text


@pytest.mark.parametrize("path", ["/runs/nobody", "/embed/runs/nobody", "/runs/nobody/panel", "/runs/nobody/data.csv"])
def test_a_run_that_is_not_there_is_told_in_words(client: FlaskClient, path: str) -> None:
    page = client.get(path)
    assert page.status_code == 404
    assert "There is no run at this address." in page.text


@pytest.mark.parametrize("query", ["place=nowhere", "place=frame&numbers=many", "numbers=-1"])
def test_a_panel_is_told_whatever_the_address_asks(client: FlaskClient, run: str, query: str) -> None:
    page = client.get(f"/runs/{run}/panel?{query}")
    assert page.status_code == 200
    assert 'id="status"' in page.text


def test_what_is_not_drawn_yet_took_no_time_to_draw(app: Flask, client: FlaskClient, run: str) -> None:
    assert "0.10 s training, 0.10 s drawing" in client.get(f"/runs/{run}").text
    with app.app_context(), writing():
        row = db.session.get(RunRow, run)
        assert row is not None
        row.drawing, row.seconds = "waiting", {"train": 0.1, "figures": 0.0}
    page = client.get(f"/runs/{run}").text
    assert "0.10 s training" in page
    assert "drawing" not in page
