"""What a page says behind the measured numbers of an entry: the newest runs that are alike, pooled."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from assistant.database import db
from assistant.intervals import wilson
from assistant.library.queries import experiment, published_entry
from assistant.library.tables import EntryRow
from assistant.runs.evidence import notes
from assistant.runs.evidence.notes import notes_of
from assistant.runs.tables import RunRow
from tests.assistant.conftest import ENTRY, republish

TEXT = (
    "[84 %](finding:identical_share.glorot) do, [1.9](finding:gap.glorot) apart, "
    "and again [84 %](finding:identical_share.glorot)."
)
SHORT = "About [84 %](finding:identical_share.glorot) do, and [3](finding:escape/slope.sgd) more."


def findings(count: int, gap: float) -> dict[str, dict[str, object]]:
    low, high = wilson(count, 64)
    share = {"kind": "share", "label": "networks that do", "value": count / 64, "count": count, "of": 64}
    quantity = {"kind": "quantity", "label": "the gap", "value": gap, "unit": "weight"}
    return {"identical_share.glorot": {**share, "low": low, "high": high}, "gap.glorot": quantity}


@pytest.fixture
def row(app: Flask) -> EntryRow:
    with app.app_context():
        republish(ENTRY, explanation=TEXT, short=SHORT)
        entry = published_entry(ENTRY)
        assert entry is not None
        return entry


SECONDS = {"compile": 0.5, "train": 0.1, "figures": 0.2}
Store = Callable[..., RunRow]


def store_run(row: EntryRow, store: Store, run_id: str, found: dict[str, dict[str, object]], **values: object) -> None:
    known = experiment("symmetry")
    assert known is not None
    store(run_id, **({"entry_id": row.id, "code": known.code, "findings": found} | values))


def test_before_there_are_runs_each_finding_has_its_label(app: Flask, row: EntryRow) -> None:
    with app.app_context():
        found = notes_of(row)
    assert [(each.id, each.number, each.result) for each in found] == [
        ("finding:identical_share.glorot", "84 %", ""),
        ("finding:escape/slope.sgd", "3", ""),
        ("finding:gap.glorot", "1.9", ""),
    ]
    assert all(each.label and "{" not in each.label for each in found)


def test_runs_that_are_alike_are_pooled_by_one_query_an_experiment(
    app: Flask, row: EntryRow, finished_run: Store
) -> None:
    with app.app_context():
        for at in range(3):
            store_run(row, finished_run, f"alike-{at}", findings(50 + at, 1.0 + at), seed=at)
        store_run(row, finished_run, "twice", findings(0, 9), seed=2)
        store_run(row, finished_run, "changed", findings(0, 9), hyperparameters={"steps": 5}, seed=11)
        store_run(row, finished_run, "older", findings(0, 9), code="other", seed=12)
        store_run(row, finished_run, "varied", findings(0, 9), evidence=False, seed=13)
        store_run(row, finished_run, "before", {}, seed=14)
        asked: list[str] = []
        event.listen(db.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
        found = {each.id: each.result for each in notes_of(row)}
    assert found["finding:identical_share.glorot"].startswith("153 of 192 networks in 3 runs: 79.7 %")
    assert found["finding:gap.glorot"] == "2, the median of 3 runs (1 to 3)"
    assert found["finding:escape/slope.sgd"] == ""
    assert sum("FROM runs" in each for each in asked) == 2


def test_only_the_newest_runs_count_and_the_note_says_so(
    app: Flask, row: EntryRow, finished_run: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notes, "NEWEST", 2)
    with app.app_context():
        for at, count in enumerate((10, 50, 60)):
            store_run(row, finished_run, f"run-{at}", findings(count, 1), seed=at)
        result = notes_of(row)[0].result
    assert result.startswith("110 of 128 networks")
    assert result.endswith("; older runs are not counted here")


def test_each_number_of_a_page_has_its_note_and_cards_have_the_words_alone(client: FlaskClient, row: EntryRow) -> None:
    assert row.slug == ENTRY
    for address in (f"/entries/{ENTRY}", f"/embed/{ENTRY}"):
        page = client.get(address).text
        assert page.count('popovertarget="finding:identical_share.glorot"') == 3
        assert page.count('id="finding:identical_share.glorot"') == 1
        assert page.count('id="finding:escape/slope.sgd"') == 1
        assert "(finding:" not in page
    for address in ("/", "/entries", f"/entries/{ENTRY}", f"/oembed?url=http://127.0.0.1:8000/entries/{ENTRY}"):
        text = client.get(address).text
        assert "(finding:" not in text
        assert "[84" not in text
    assert '<meta name="description" content="About 84 % do, and 3 more.">' in client.get(f"/entries/{ENTRY}").text


@pytest.mark.parametrize(("drawing", "there"), [("waiting", False), ("drawn", True)])
def test_a_fresh_run_renews_the_notes_once_it_is_drawn(
    app: Flask, client: FlaskClient, row: EntryRow, finished_run: Store, drawing: str, there: bool
) -> None:
    with app.app_context():
        store_run(row, finished_run, "fresh", findings(50, 1.0), drawing=drawing, seconds=SECONDS)
    for page in ("panel", "section"):
        text = client.get(f"/runs/fresh/{page}").text
        assert ('<div id="notes" hx-swap-oob="true">' in text) is there
        assert ("50 of 64 networks in 1 run" in text) is there
