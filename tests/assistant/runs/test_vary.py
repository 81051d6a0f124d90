"""Varying an experiment: what a learner may change, what it starts, and what its page shows."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from assistant import create_app
from assistant.database import db
from assistant.library.content.content_files import read
from assistant.library.queries import experiment, published_entries, published_entry
from assistant.library.tables import RevisionRow
from assistant.runs import queries
from assistant.runs.evidence.verdicts import judge
from assistant.runs.tables import ReplayRow, RunRow
from assistant.runs.vary import controls
from models import registry
from tests.conftest import ROOT, settings_in

pytestmark = pytest.mark.slow

Store = Callable[..., RunRow]
SLUG = "why-neurons-differ"
PAGE = f"/entries/{SLUG}"
IN_PLACE = {"HX-Request": "true"}


@pytest.fixture
def revision(app: Flask) -> RevisionRow:
    with app.app_context():
        row = published_entry(SLUG)
        assert row is not None
        assert row.published is not None
        return row.published


@pytest.fixture
def own_run(app: Flask, finished_run: Store, revision: RevisionRow) -> str:
    """A finished run of the entry at its own parameters."""
    with app.app_context():
        return store(finished_run, "own-run", revision)


def store(finished_run: Store, run_id: str, revision: RevisionRow, *, count: int = 64, **values: Any) -> str:
    claims = revision.claims
    share = {"kind": "share", "label": "networks", "value": count / 64, "count": count, "of": 64, "low": 0, "high": 1}
    findings = {claim.finding: share for claim in claims}
    given = {
        "entry_id": revision.entry_id,
        "revision_id": revision.id,
        "seed": 4711,
        "claims": claims,
        "findings": findings,
        "verdicts": judge(claims, findings),
        "setup": {"data": "blobs"},
        "seconds": {"train": 0.1, "figures": 0.1},
        "versions": {"tensorflow": "2", "numpy": "2", "cpu": "x"},
    }
    return finished_run(run_id, **(given | values)).id


def varied_beside(own_run: str) -> dict[str, Any]:
    changes = [{"parameter": "rate", "label": "learning rate", "value": 0.3, "own": 0.01}]
    varied = {"changes": changes, "beside": own_run}
    return {"evidence": False, "varied": varied, "hyperparameters": {"rate": 0.3}}


def experiment_code(app: Flask) -> str:
    with app.app_context():
        row = experiment("symmetry")
        assert row is not None
        return row.code


def vary(client: FlaskClient, **typed: str) -> str:
    """Send a form that must be taken; return the run's id."""
    response = client.post(f"{PAGE}/variations", data={f"parameter-{key}": value for key, value in typed.items()})
    assert response.status_code == 303, response.text
    address = str(response.headers["Location"])
    assert address.startswith(f"{PAGE}?")
    return polled(client.get(address).text)


def polled(page: str) -> str:
    """Return the run that a page waits for."""
    found = re.search(r'hx-get="/runs/([^/]+)/panel', page)
    assert found
    return found[1]


@pytest.mark.usefixtures("own_run")
def test_a_changed_parameter_starts_a_run_from_the_same_seed_that_is_no_evidence(
    app: Flask, client: FlaskClient
) -> None:
    run_id = vary(client, rate="0.3")
    with app.app_context():
        run = db.session.get_one(RunRow, run_id)
        assert (run.state, run.evidence, run.seed, run.hyperparameters) == ("waiting", False, 4711, {"rate": 0.3})
        assert run.varied == {
            "changes": [{"parameter": "rate", "label": "learning rate", "value": 0.3, "own": 0.01}],
            "beside": "own-run",
        }
        assert queries.latest_done(run.entry) if run.entry else None is not run
    told = client.get(f"/api/runs/{run_id}").get_json()
    assert (told["evidence"], told["varied"], told["hyperparameters"]) == (
        False,
        {"changes": [{"parameter": "rate", "label": "learning rate", "value": 0.3, "own": 0.01}], "beside": "own-run"},
        {"rate": 0.3},
    )


def test_without_a_run_to_stand_beside_a_seed_is_drawn(app: Flask, client: FlaskClient) -> None:
    run_id = vary(client, rate="0.3")
    with app.app_context():
        run = db.session.get_one(RunRow, run_id)
        assert run.varied is not None
        assert run.varied["beside"] is None
    assert client.get(f"/runs/{run_id}").status_code == 200


def test_a_run_of_other_parameters_is_not_stood_beside(
    app: Flask, client: FlaskClient, finished_run: Store, revision: RevisionRow
) -> None:
    with app.app_context():
        store(finished_run, "older", revision, hyperparameters={"steps": 5})
    run_id = vary(client, rate="0.3")
    with app.app_context():
        assert db.session.get_one(RunRow, run_id).seed != 4711


def test_who_varies_the_same_while_it_waits_shares_the_run_and_no_other(app: Flask, client: FlaskClient) -> None:
    first = vary(client, rate="0.3")
    assert vary(client, rate="3e-1") == first
    assert vary(client, rate="0.2") != first
    assert vary(client, steps="300") != first
    with app.app_context():
        entry = published_entry(SLUG)
        assert entry is not None
        assert entry.published is not None
        assert queries.enqueue(entry.published).evidence


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"rate": "0"}, "The learning rate must be a number from 0.000001 to 100, not “0”."),
        ({"rate": "fast"}, "not “fast”"),
        ({"steps": "20000"}, "The steps must be a whole number from 1 to 9,746, not “20000”."),
        ({"rate": "0.01"}, "With learning rate 0.01 the entry&#39;s own runs are trained already"),
        (
            {"rate": "", "steps": "800"},
            "With steps 800, learning rate 0.01 the entry&#39;s own runs are trained already",
        ),
        ({"colour": "red"}, "Choose what to vary: one or more of steps, rate."),
        ({}, "Choose what to vary"),
    ],
)
def test_what_cannot_be_varied_is_explained_and_starts_nothing(
    app: Flask, client: FlaskClient, form: dict[str, str], words: str
) -> None:
    page = client.post(f"{PAGE}/variations", data={f"parameter-{key}": value for key, value in form.items()})
    assert page.status_code == 422
    assert words in page.text
    with app.app_context():
        assert db.session.query(RunRow).count() == 0


def test_a_wrong_value_stays_in_its_control_which_has_the_focus(client: FlaskClient) -> None:
    page = client.post(f"{PAGE}/variations", data={"parameter-rate": '"><b>'})
    assert 'value="&#34;&gt;&lt;b&gt;"' in page.text
    assert page.text.count("autofocus") == 1


def test_an_unknown_entry_is_not_varied(client: FlaskClient) -> None:
    assert client.post("/entries/nothing/variations", data={"parameter-rate": "1"}).status_code == 404


def test_variations_count_among_what_one_address_may_start(data_dir: Any) -> None:
    client = create_app(settings_in(data_dir, asks_per_minute=2)).test_client()
    codes = [client.post(f"{PAGE}/variations", data={"parameter-rate": "0.3"}).status_code for _ in range(3)]
    assert codes == [303, 303, 429]


@pytest.mark.usefixtures("own_run")
def test_several_parameters_are_changed_at_once_and_all_are_named(app: Flask, client: FlaskClient) -> None:
    run_id = vary(client, steps="300", rate="0.3")
    with app.app_context():
        run = db.session.get_one(RunRow, run_id)
        assert run.hyperparameters == {"steps": 300, "rate": 0.3}
    page = client.get(f"{PAGE}?steps=300&rate=0.3").text
    assert "With steps 300 instead of 800; learning rate 0.3 instead of 0.01" in page
    assert 'value="300"' in page
    assert 'value="0.3"' in page
    head = client.get(f"/runs/{run_id}").text
    assert "With <strong>steps 300</strong> instead of 800, <strong>learning rate 0.3</strong> instead of 0.01." in head


@pytest.mark.usefixtures("own_run")
def test_a_form_that_is_sent_in_place_changes_the_panel_and_keeps_the_values(client: FlaskClient) -> None:
    form = {"parameter-rate": "0.3", "parameter-steps": "800"}
    answer = client.post(f"{PAGE}/variations", data=form, headers=IN_PLACE)
    assert answer.status_code == 200
    assert "With learning rate 0.3 instead of 0.01" in answer.text
    assert 'data-query="?rate=0.3"' in answer.text
    assert 'id="vary"' not in answer.text  # Something else may be typed there by now.
    assert "<h1" not in answer.text
    back = client.post(f"{PAGE}/variations", data={"parameter-rate": "0.01"}, headers=IN_PLACE)
    assert back.status_code == 200
    assert 'data-query=""' in back.text
    assert "The entry’s own run is shown." in back.text
    wrong = client.post(f"{PAGE}/variations", data={"parameter-rate": "0,3"}, headers=IN_PLACE)
    assert (wrong.status_code, wrong.headers["HX-Retarget"]) == (422, "#vary")
    assert wrong.text.strip().startswith('<section class="vary"')
    assert "not “0,3”" in wrong.text
    assert 'name="mends"' in wrong.text
    right = client.post(f"{PAGE}/variations", data=form | {"mends": "1"}, headers=IN_PLACE).text
    assert 'id="vary"' in right
    assert 'value="0.3"' in right
    assert "problem" not in right


@pytest.mark.usefixtures("own_run")
def test_fresh_networks_of_the_entry_take_the_changed_values_out_of_form_and_address(client: FlaskClient) -> None:
    answer = client.post(f"/entries/{SLUG}/runs", headers=IN_PLACE).text
    assert 'data-query=""' in answer
    assert 'value="0.01"' in answer


def test_the_address_keeps_the_values_and_trains_nothing(
    app: Flask, client: FlaskClient, finished_run: Store, revision: RevisionRow, own_run: str
) -> None:
    page = client.get(f"{PAGE}?rate=0.3").text
    assert 'value="0.3"' in page
    assert "No run with them is stored" in page
    with app.app_context():
        assert db.session.query(RunRow).count() == 1
        store(finished_run, "varied", revision, count=7, **varied_beside(own_run))
    page = client.get(f"{PAGE}?rate=0.3&utm_source=elsewhere").text
    assert "With learning rate 0.3 instead of 0.01" in page
    assert "7 of 64 networks" in page
    assert "No run with them is stored" not in page
    assert 'id="explanation"' in page
    assert 'property="og:url" content="http://127.0.0.1:8000/runs/varied"' in page


def test_a_value_in_the_address_that_is_no_number_gets_a_word(client: FlaskClient) -> None:
    page = client.get(f"{PAGE}?rate=fast")
    assert page.status_code == 200
    assert "not “fast”" in page.text


def test_the_same_values_from_the_same_seed_are_not_trained_again(
    app: Flask, client: FlaskClient, finished_run: Store, revision: RevisionRow, own_run: str
) -> None:
    code = experiment_code(app)
    with app.app_context():
        store(finished_run, "varied", revision, code=code, **varied_beside(own_run))
        db.session.add(ReplayRow(run_id="varied", recording=b"", scripts=b""))
        db.session.commit()
    form = {"parameter-rate": "0.3"}
    assert client.post(f"{PAGE}/variations", data=form).status_code == 303
    with app.app_context():
        assert db.session.query(RunRow).count() == 2
        db.session.get_one(RunRow, "varied").code = "older"
        db.session.commit()
    client.post(f"{PAGE}/variations", data=form)
    with app.app_context():
        assert db.session.query(RunRow).count() == 3


def test_rows_that_hold_one_changed_thing_are_read_as_before(
    app: Flask, client: FlaskClient, finished_run: Store, revision: RevisionRow, own_run: str
) -> None:
    old = {"parameter": "rate", "value": 0.3, "own": 0.01, "beside": own_run}
    with app.app_context():
        store(finished_run, "old", revision, evidence=False, varied=old, hyperparameters={"rate": 0.3})
    assert "With <strong>rate 0.3</strong> instead of 0.01." in client.get("/runs/old").text
    told = client.get("/api/runs/old").get_json()["varied"]
    assert told == {"changes": [{"parameter": "rate", "label": "rate", "value": 0.3, "own": 0.01}], "beside": own_run}


def test_both_runs_stand_side_by_side(
    app: Flask, client: FlaskClient, finished_run: Store, revision: RevisionRow, own_run: str
) -> None:
    with app.app_context():
        store(finished_run, "varied", revision, count=7, **varied_beside(own_run))
    page = client.get("/runs/varied").text
    assert "With <strong>learning rate 0.3</strong> instead of 0.01." in page
    assert "7 of 64 networks" in page
    assert "64 of 64 networks" in page
    assert "/runs/varied/figures/one.svg" in page
    assert f"/runs/{own_run}/figures/one.svg" in page
    assert f'href="/runs/{own_run}"' in page
    assert "to date" not in page
    assert "With learning rate 0.3 instead of 0.01. " in page
    assert "--set rate=0.3" in page
    assert page.count('class="verdict">failed') >= 1
    fragment = client.get("/runs/varied/panel").text
    assert "7 of 64 networks" in fragment
    assert 'id="verdicts" class="beside" hx-swap-oob="true"' in fragment


def test_while_a_variation_waits_its_page_shows_the_run_that_it_will_stand_beside(
    client: FlaskClient, own_run: str
) -> None:
    run_id = vary(client, rate="0.3")
    page = client.get(f"/runs/{run_id}").text
    assert "With learning rate 0.3 instead of 0.01" in page
    assert f"/runs/{own_run}/figures/one.svg" in page
    fragment = client.get(f"/runs/{run_id}/panel").text
    assert 'hx-trigger="every' in fragment
    assert "verdicts" not in fragment


@pytest.mark.parametrize("path", [PAGE, "/runs/own-run"])
@pytest.mark.usefixtures("own_run")
def test_pages_offer_every_parameter_in_one_form(client: FlaskClient, path: str) -> None:
    page = client.get(path).text
    assert page.count(f'action="{PAGE}/variations"') == 1
    assert 'name="parameter-steps"' in page
    assert 'name="parameter-rate"' in page


@pytest.mark.parametrize("name", sorted({entry.main.experiment for entry in read(ROOT / "content")}))
def test_every_entrys_experiment_can_be_varied_within_the_limit(app: Flask, name: str) -> None:
    found = registry.find(name)
    with app.app_context():
        entry = next(
            row for row in published_entries() if row.published is not None and row.published.experiment == name
        )
        varying = controls(entry)
    assert varying
    for field in varying:
        for value in (field.minimum, field.maximum):
            if value is not None:
                typed = int(value) if field.kind == "integer" else float(value)
                found.validate({field.name: typed}, queries.NETWORKS, 0, app.config["SETTINGS"].run_cost_limit)


def test_what_costs_too_much_at_any_value_is_not_offered(data_dir: Any) -> None:
    app = create_app(settings_in(data_dir, run_cost_limit=1))
    with app.app_context():
        row = experiment("symmetry")
        assert row is not None
        assert row.cost == registry.describe("symmetry")["cost"]
        assert controls(published_entry(SLUG)) == []
    assert "Train with these" not in app.test_client().get(PAGE).text
