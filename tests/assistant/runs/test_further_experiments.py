"""Entries with more than one experiment, from the content file to the page, with a real worker."""

import re
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from flask import Flask

from assistant.database import db, now
from assistant.library.claims import Claim
from assistant.library.configurations import Configuration
from assistant.library.queries import published_entry
from assistant.library.tables import EntryRow
from assistant.runs import queries
from assistant.runs.tables import RunRow
from tests.assistant.conftest import republish
from tests.assistant.runs.conftest import SMALL, Station, wait_until

SLUG = SMALL[0]
TITLE = "If every neuron gets the same data, why do they not all come out the same?"
BIAS = Configuration(experiment="bias", hyperparameters={"steps": 400})
ABOUT_BIAS = Claim(text="They differ.", finding="identical_share.constant_random", experiment="bias", at_most=0)


def test_the_worker_trains_each_experiment_and_judges_it_by_its_own_claims(warm_station: Station) -> None:
    client = warm_station.app.test_client()
    told = client.post("/api/questions", json={"question": TITLE}).get_json()
    main, further, *_ = told["runs"]
    assert (main["experiment"], main["url"]) == ("symmetry", told["run_url"])
    assert main["state"] in {"waiting", "running", "done"}
    assert (further["experiment"], further["state"]) == ("bias", "done")
    run = client.get(urlsplit(further["url"]).path).get_json()
    assert (run["experiment"], run["hyperparameters"]) == ("bias", {"steps": 400})
    (verdict,) = run["verdicts"]
    assert (verdict["held"], verdict["finding"]["count"], verdict["finding"]["of"]) == (True, 64, 64)
    own = warm_station.wait(told["run_url"].rpartition("/")[2], "done", "failed")
    assert own.verdicts is not None
    assert {each.claim.experiment for each in own.verdicts} == {None}


def test_a_section_shows_the_latest_run_and_trains_when_it_is_opened(warm_station: Station) -> None:
    client = warm_station.app.test_client()
    page = client.get(f"/entries/{SLUG}").text
    section = page.partition('<details class="further" id="further-bias">')[2].partition('<section class="evidence"')[0]
    assert "1 of 1 claim held" in section
    assert "Random biases make the two neurons differ in every network." in section
    assert "64 of 64 networks" in section
    assert "all 64" in section
    assert "further" not in client.get(f"/entries/{SMALL[1]}").text
    address = f"/entries/{SLUG}/runs"
    opened = client.post(address, data={"experiment": "bias"}, headers={"HX-Request": "true"}).text
    (run_id,) = re.findall(r'hx-get="/runs/(.+?)/section"', opened)
    warm_station.wait(run_id, "done")
    part = f"/runs/{run_id}/section"
    wait_until(lambda: "hx-get" not in client.get(part).text, "the figures")
    shown = client.get(part).text
    assert f'href="/runs/{run_id}"' in shown
    assert re.search(r"<td>(128 of 128|192 of 192)</td>", shown)
    own = client.get(f"/runs/{run_id}").text
    assert "1 of 1 claim held" in own
    assert "Vary one thing" not in own


def test_without_javascript_the_button_leads_to_the_runs_page(warm_station: Station) -> None:
    client = warm_station.app.test_client()
    sent = client.post(f"/entries/{SLUG}/runs", data={"experiment": "bias"})
    assert sent.status_code == 303
    assert warm_station.wait(sent.headers["Location"].removeprefix("/runs/"), "done").experiment == "bias"
    refused = client.post(f"/entries/{SLUG}/runs", data={"experiment": "width"})
    assert refused.status_code == 422
    assert "This entry has no experiment" in refused.text


@pytest.fixture
def entry(app: Flask) -> Iterator[EntryRow]:
    """An entry with a second experiment, in the context that holds its session."""
    with app.app_context():
        row = published_entry(SLUG)
        assert row is not None
        assert row.published is not None
        own = (claim for claim in row.published.claims if claim.experiment is None)
        republish(SLUG, experiments=(row.published.experiments[0], BIAS), claims=(*own, ABOUT_BIAS))
        yield row


def test_runs_are_told_apart_by_entry_and_experiment(entry: EntryRow) -> None:
    revision = entry.published
    assert revision is not None
    assert queries.without_runs().count((revision, BIAS)) == 1
    main, further = queries.enqueue(revision), queries.enqueue(revision, BIAS)
    assert main is not further
    assert queries.enqueue(revision, BIAS) is further
    assert further.claims == (ABOUT_BIAS,)
    assert ABOUT_BIAS not in main.claims
    assert (revision, BIAS) not in queries.without_runs()
    for run in (main, further):
        run.state, run.finished_at, run.shared_key = "done", now() - timedelta(days=3), None
    db.session.commit()
    assert queries.latest_done(entry) == main
    assert queries.latest_done(entry, "bias") == further
    assert queries.latest_done(entry, "width") is None
    assert queries.runs_of(entry, None) == [("symmetry", main), ("bias", further)]
    assert db.session.query(RunRow).where(queries.old(timedelta(days=1))).all() == []
    newer = queries.enqueue(revision)
    newer.state, newer.finished_at = "done", now()
    db.session.commit()
    assert db.session.query(RunRow).where(queries.old(timedelta(days=1))).all() == [main]


def test_an_entry_keeps_its_experiments_through_its_revisions(entry: EntryRow) -> None:
    assert entry.published is not None
    assert [each.experiment for each in entry.published.experiments] == ["symmetry", "bias"]
    assert entry.published.configuration("bias") == BIAS
    assert entry.published.configuration("width") is None
    republish(SLUG, title="Another?")
    assert entry.published.title == "Another?"
    assert entry.published.experiments[1] == BIAS
