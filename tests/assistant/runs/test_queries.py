"""The record of the runs: which entries lack one, and what is pruned."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from assistant.database import db, now, writing
from assistant.library.queries import experiment, published_entry
from assistant.library.tables import EntryRow, ExperimentRow, RevisionRow
from assistant.runs import queries
from assistant.runs.tables import RunRow

Store = Callable[..., RunRow]


@pytest.fixture(autouse=True)
def pushed(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


@pytest.fixture
def entry() -> EntryRow:
    row = published_entry("why-neurons-differ")
    assert row is not None
    return row


@pytest.fixture
def revision(entry: EntryRow) -> RevisionRow:
    assert entry.published is not None
    return entry.published


@pytest.fixture
def known(revision: RevisionRow) -> ExperimentRow:
    row = experiment(revision.experiment)
    assert row is not None
    return row


def enqueued(revision: RevisionRow) -> str:
    with writing():
        return queries.enqueue(revision).id


def test_an_entry_without_a_run_by_todays_code_gets_one(
    entry: EntryRow, revision: RevisionRow, known: ExperimentRow, finished_run: Store
) -> None:
    def missing() -> set[str]:
        slugs = {row.id: row.slug for row in db.session.query(EntryRow)}
        configurations = queries.without_runs()
        return {slugs[each.entry_id] for each, configuration in configurations if configuration == each.experiments[0]}

    assert len(missing()) == db.session.query(EntryRow).count()
    run_id = enqueued(revision)
    assert entry.slug not in missing()
    with writing():
        db.session.get_one(RunRow, run_id).state = "failed"
    assert entry.slug in missing()
    finished_run("old", entry_id=entry.id, revision_id=revision.id, code="0" * 64)
    assert entry.slug in missing()
    finished_run("new", entry_id=entry.id, revision_id=revision.id, code=known.code)
    assert entry.slug not in missing()


def test_pruning_drops_old_pictures_and_keeps_numbers_and_what_pages_show(
    entry: EntryRow, finished_run: Store, client: FlaskClient
) -> None:
    long_ago = now() - timedelta(days=100)
    finished_run("older", entry_id=entry.id, finished_at=long_ago - timedelta(days=1))
    finished_run("latest", entry_id=entry.id, finished_at=long_ago)
    finished_run("own-seed", entry_id=entry.id, finished_at=long_ago + timedelta(days=1), evidence=False)
    finished_run("young", entry_id=None, evidence=False)
    assert queries.prune(timedelta(days=30)) == (2, 2 * len(b"<svg/>"))
    db.session.expire_all()
    pruned = {run.id: run.figures[0].pruned for run in db.session.query(RunRow)}
    assert pruned == {"older": True, "latest": False, "own-seed": True, "young": False}
    older = db.session.get_one(RunRow, "older")
    assert older.findings == {"a": 1}
    assert older.figures[0].rows == [["1"]]
    db.session.rollback()
    assert client.get("/runs/older/figures/one.svg").status_code == 404
    db.session.rollback()
    assert client.get("/runs/latest/figures/one.svg").status_code == 200
    assert queries.prune(timedelta(days=30)) == (0, 0)
