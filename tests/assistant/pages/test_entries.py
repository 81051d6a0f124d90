"""All entries with their thumbnails, and an entry as programs read it."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from assistant.database import db, now, writing
from assistant.library.queries import published_entry
from assistant.runs import queries
from assistant.runs.evidence.verdicts import judge
from assistant.runs.tables import THUMBNAIL, FigureRow, RunRow
from assistant.runs.turns import UNASKED

SLUG = "why-a-neuron-splits-the-blobs-in-two"


def test_a_program_reads_an_entry_with_its_beliefs(app: Flask, client: FlaskClient) -> None:
    told = client.get(f"/api/entries/{SLUG}").get_json()
    with app.app_context():
        row = published_entry(SLUG)
        assert row is not None
        assert row.published is not None
        published = row.published
    assert (told["slug"], told["revision"], told["title"]) == (SLUG, 1, published.title)
    assert told["url"].endswith(f"/entries/{SLUG}")
    assert told["beliefs"] == [belief.to_json() for belief in published.beliefs]
    assert {belief["answer"] for belief in told["beliefs"]} == {"yes", "no", "partly"}
    assert told["claims"] == [claim.to_json() for claim in published.claims]
    assert told["experiments"] == [each.to_json() for each in published.experiments]


def test_a_figure_that_is_not_drawn_yet_is_not_said_to_wait_for_networks(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        add_run("undrawn", 1, drawing="waiting", seconds={"train": 0.1, "figures": 0.0}, versions={})
    page = client.get(f"/entries/{SLUG}").text
    assert "A figure stands here as soon as it is drawn." in page
    assert "as soon as networks are trained" not in page


def test_what_is_certain_is_told_apart_from_the_claims_that_held(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        row = published_entry(SLUG)
        assert row is not None
        assert row.published is not None
        claims = list(row.published.claims)
        add_run(
            "certain", 1, seconds={"train": 0.1, "figures": 0.1}, versions={}, claims=claims, verdicts=judge(claims, {})
        )
    assert any(claim.theorem for claim in claims)
    assert "not counted among the claims that held" in client.get(f"/entries/{SLUG}").text


def test_an_unknown_entry_is_told_in_json(client: FlaskClient) -> None:
    answer = client.get("/api/entries/nothing")
    assert answer.status_code == 404
    assert answer.get_json() == {"error": "There is no entry at this address.", "status": 404}


def add_run(run_id: str, age: int, **values: object) -> None:
    """Store a run of the entry that finished so many hours ago, with its thumbnail."""
    row = published_entry(SLUG)
    assert row is not None
    assert row.published is not None
    small = {"name": "thumbnail", "title": "Small", "caption": "", "alternative": f"Maps of {run_id}"}
    figure = FigureRow(
        position=THUMBNAIL, columns=[], rows=[], width=132, height=87, digest="0", svg=b"<svg/>", **small
    )
    kind = {"experiment": row.published.experiment, "evidence": True, "state": "done", "claims": [], "verdicts": []}
    kind |= values
    run = RunRow(id=run_id, entry_id=row.id, hyperparameters={}, networks=64, seed=1, findings={}, **kind)
    run.finished_at = now() - timedelta(hours=age)
    with writing():
        db.session.add(run)
        db.session.flush()
        db.session.add(figure)
        figure.run_id = run_id


def test_each_entry_is_listed_with_the_thumbnail_of_its_newest_run(app: Flask, client: FlaskClient) -> None:
    page = client.get("/entries").text
    assert "<img" not in page
    entries = page.count('class="unpictured"')
    assert entries > 1
    with app.app_context():
        add_run("older", 2)
        add_run("newer", 1)
        add_run("varied", 0, evidence=False)
        add_run("further", 0, experiment="symmetry")
    page = client.get("/entries").text
    assert page.count("<img") == 1
    assert page.count('class="unpictured"') == entries - 1
    (picture,) = [part.partition(">")[0] for part in page.split("<img ")[1:]]
    assert 'src="/runs/newer/figures/thumbnail.svg"' in picture
    assert 'alt="Maps of newer"' in picture
    assert 'width="132" height="87"' in picture
    assert 'loading="lazy"' in picture
    assert client.get("/runs/newer/figures/thumbnail.svg").headers["Cache-Control"].endswith("immutable")


def store_undone(app: Flask, state: str, **values: object) -> str:
    """Store a run of the entry's main experiment that is not done."""
    with app.app_context(), writing():
        row = published_entry(SLUG)
        assert row is not None
        assert row.published is not None
        run = queries.enqueue(row.published)
        run.state = state
        for name, value in values.items():
            setattr(run, name, value)
        return run.id


def test_what_was_never_trained_is_trained_for_whoever_looks_first(app: Flask, client: FlaskClient) -> None:
    train = f'hx-trigger="load, submit"\n  hx-post="/entries/{SLUG}/runs"'
    page = client.get(f"/entries/{SLUG}").text
    assert train in page
    assert "Here come the first 64 networks." in page  # in the place of the replay, whose height it has
    first = store_undone(app, "waiting", asker=None, turn=UNASKED)
    page = client.get(f"/entries/{SLUG}").text
    assert f"/runs/{first}/panel" in page
    assert train in page
    client.post(f"/entries/{SLUG}/runs", headers={"HX-Request": "true"})
    page = client.get(f"/entries/{SLUG}").text
    assert f"/runs/{first}/panel" in page  # It is the same run, whose turn comes sooner now.
    assert "load, submit" not in page
    with app.app_context():
        run = queries.find(first)
        assert run is not None
        assert run.turn < UNASKED


@pytest.mark.parametrize(("state", "told"), [("running", "Training 64 new networks"), ("failed", "It broke.")])
def test_a_first_run_that_is_no_longer_waiting_is_told_and_not_asked_for_again(
    app: Flask, client: FlaskClient, state: str, told: str
) -> None:
    store_undone(app, state, asker=None, failure="it broke", shared_key=None)
    page = client.get(f"/entries/{SLUG}").text
    assert told in page
    assert "load, submit" not in page
