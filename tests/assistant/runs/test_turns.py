"""Visitors take turns, so that nobody who floods the queue keeps others waiting."""

import pytest
from flask import Flask
from sqlalchemy import select

from assistant.database import db
from assistant.library.queries import published_entries
from assistant.runs import queries, queue
from assistant.runs.tables import DONE, WAITING, ReplayRow, RunRow
from assistant.runs.turns import MOST_WAITING
from tests.assistant.conftest import ENTRY

pytestmark = pytest.mark.slow

FLOODER, LEARNER, OTHER = "10.0.0.1", "10.0.0.2", "10.0.0.3"


def post(app: Flask, address: str, path: str, **form: object) -> int:
    client = app.test_client()
    return client.post(path, data=form, environ_base={"REMOTE_ADDR": address}).status_code


def vary(app: Flask, address: str, rate: float) -> int:
    return post(app, address, f"/entries/{ENTRY}/variations", **{"parameter-rate": f"{rate:g}"})


def test_a_flood_of_one_address_ends_at_its_share_and_others_come_before_it(either: Flask) -> None:
    statuses = [vary(either, FLOODER, 0.011 + at / 1e4) for at in range(MOST_WAITING + 5)]
    assert statuses == [303] * MOST_WAITING + [429] * 5
    assert vary(either, LEARNER, 0.09) == 303
    assert post(either, OTHER, f"/entries/{ENTRY}/runs") == 303
    with either.app_context():
        own = queue.claim("here:1")  # The entry's own comes first, though it was asked for last.
        assert own is not None
        assert own.varied is None
        varied = [queue.claim("here:1") for _ in range(2)]
        rates = [task.hyperparameters["rate"] for task in varied if task is not None]
        assert 0.09 in rates  # One of each, and then the rest of the flood.
        waiting = db.session.scalars(select(RunRow).where(RunRow.state == WAITING)).all()
        assert len(waiting) == MOST_WAITING - 1
        assert "10.0.0" not in " ".join(str(run.asker) for run in waiting)


def test_what_a_visitor_waits_for_comes_before_what_nobody_asked_for(either: Flask) -> None:
    change = {"changes": [{"parameter": "rate", "value": 0.02, "own": 0.01}], "beside": None}
    with either.app_context():
        (entry,) = published_entries()
        assert entry.published is not None
        queries.enqueue(entry.published, varied=change)
        own = queries.enqueue(entry.published).id
        db.session.commit()
    assert (
        post(either, LEARNER, f"/entries/{ENTRY}/runs") == 303
    )  # It shares the run that waits, which comes sooner now.
    with either.app_context():
        assert db.session.query(RunRow).count() == 2
        first = queue.claim("here:1")
        assert first is not None
        assert first.id == own


def test_what_a_visitor_varies_comes_before_what_nobody_asked_for(either: Flask) -> None:
    with either.app_context():
        (entry,) = published_entries()
        assert entry.published is not None
        queries.enqueue(entry.published)
        db.session.commit()
    vary(either, LEARNER, 0.02)
    with either.app_context():
        first, second = queue.claim("here:1"), queue.claim("here:1")
        assert first is not None
        assert second is not None
        assert (first.hyperparameters["rate"], second.varied) == (0.02, None)


def test_an_address_is_served_in_the_order_of_asking_and_another_one_in_between(either: Flask) -> None:
    def served() -> float:
        with either.app_context():
            task = queue.claim("here:1")
            assert task is not None
            queue.fail(task, "to see")
            return round(float(task.hyperparameters["rate"]), 3)

    for rate in (0.011, 0.012, 0.013):
        vary(either, FLOODER, rate)
    found = [served(), served()]
    for address, rate in ((FLOODER, 0.014), (FLOODER, 0.015), (LEARNER, 0.021), (LEARNER, 0.022), (FLOODER, 0.016)):
        vary(either, address, rate)
    found += [served() for _ in range(6)]
    assert found == [0.011, 0.012, 0.013, 0.021, 0.014, 0.022, 0.015, 0.016]


def test_what_is_said_of_the_place_in_the_queue_is_true(either: Flask) -> None:
    for at in range(5):
        vary(either, FLOODER, 0.011 + at / 1e4)
    post(either, LEARNER, f"/entries/{ENTRY}/runs")
    with either.app_context():
        runs = db.session.scalars(select(RunRow).order_by(RunRow.turn)).all()
        assert [queries.count_ahead(run) for run in runs] == list(range(6))


def test_who_asked_is_forgotten_when_the_run_is_over(either: Flask) -> None:
    post(either, LEARNER, f"/entries/{ENTRY}/runs")
    vary(either, LEARNER, 0.02)
    with either.app_context():
        first, second = queue.claim("here:1"), queue.claim("here:1")
        assert first is not None
        assert second is not None
        assert queue.finish(
            first, {"verdicts": [], "findings": {}}, ReplayRow(run_id=first.id, recording=b"", scripts=b"")
        )
        queue.fail(second, "to see")
        rows = db.session.scalars(select(RunRow)).all()
        assert {row.state for row in rows} == {DONE, "failed"}
        assert {row.asker for row in rows} == {None}


def test_who_has_nothing_waiting_any_more_may_vary_again(either: Flask) -> None:
    for at in range(MOST_WAITING):
        vary(either, FLOODER, 0.011 + at / 1e4)
    assert vary(either, FLOODER, 0.05) == 429
    with either.app_context():
        task = queue.claim("here:1")
        assert task is not None
        queue.fail(task, "to see")
    assert vary(either, FLOODER, 0.05) == 303
