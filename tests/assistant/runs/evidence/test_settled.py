"""What runs say to an entry's beliefs: on its page, in place when a run is over, and in a forum's frame."""

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from assistant.database import db, now
from assistant.library.beliefs import Belief
from assistant.library.claims import Claim
from assistant.library.configurations import Configuration
from assistant.library.queries import published_entry
from assistant.library.tables import RevisionRow
from assistant.runs import queries
from assistant.runs.evidence.verdicts import judge
from assistant.runs.tables import RunRow
from tests.assistant.conftest import republish

SLUG = "why-a-neuron-splits-the-blobs-in-two"
PAGE = f"/entries/{SLUG}"
IN_PLACE = {"HX-Request": "true"}
MOST = Claim(text="At least half do.", finding="complementary_share", at_least=0.5)
ALWAYS = Claim(text="All do.", finding="two_two_share", at_least=1.0, theorem=True)
ABOUT_BIAS = Claim(text="They differ.", finding="identical_share.constant_random", experiment="bias", at_most=0)
BELIEFS = tuple(
    Belief(belief=text, wordings=(f"{text} Right?",), answer=answer, why=f"Because of {claim}.", claim=claim)
    for text, answer, claim in (
        ("Most <do>.", "yes", "complementary_share"),
        ("Not all do.", "no", "two_two_share"),
        ("They are equal.", "partly", "bias/identical_share.constant_random"),
    )
)


@pytest.fixture(autouse=True)
def believed(app: Flask) -> None:
    """Give the entry three beliefs: one that a claim settles, one a theorem, and one a further experiment."""
    with app.app_context():
        row = published_entry(SLUG)
        assert row is not None
        assert row.published is not None
        main = row.published.experiments[0]
        both = (main, Configuration(experiment="bias", hyperparameters={}))
        republish(SLUG, experiments=both, claims=(MOST, ALWAYS, ABOUT_BIAS), beliefs=BELIEFS)


def revision() -> RevisionRow:
    row = published_entry(SLUG)
    assert row is not None
    assert row.published is not None
    return row.published


def share(count: int, of: int = 64) -> dict[str, Any]:
    value = count / of if of else None
    return {"kind": "share", "label": "networks that do", "value": value, "count": count, "of": of, "low": 0, "high": 1}


def finish(run: RunRow, **counts: int) -> str:
    """Let a run be done, with what it counted, and its figures drawn."""
    run.findings = {name.replace("__", "."): share(count) for name, count in counts.items()}
    run.verdicts = judge(run.claims, run.findings)
    run.state, run.drawing, run.finished_at, run.shared_key = "done", "drawn", now(), None
    run.seconds = {"train": 0.1, "figures": 0.2}
    run.versions, run.setup, run.code = {"tensorflow": "2", "numpy": "2", "cpu": "x"}, {}, "c0de"
    db.session.commit()
    return run.id


def counted(page: str, at: int) -> str:
    """Return what stands with a belief of a page, or of what is swapped into it, as its reader sees it."""
    (found,) = re.findall(rf'<p class="settled" id="belief-{at}-counted"[^>]*>(.*?)</p>', page, re.DOTALL)
    return " ".join(re.sub("<[^>]+>", "", found).split())


def against(page: str, at: int) -> str:
    (found,) = re.findall(rf'<span class="against" id="belief-{at}-against"[^>]*>(.*?)</span>', page, re.DOTALL)
    return str(found).strip()


def test_a_page_says_each_belief_with_its_answer_before_any_run(client: FlaskClient) -> None:
    page = client.get(PAGE).text
    order = ["The explanation", "What people often think", "What is claimed, and what was counted"]
    assert sorted(order, key=page.index) == order
    assert '<span class="badge partly">Partly</span>' in page
    assert "Most &lt;do&gt;." in page
    assert "<p>Because of complementary_share.</p>" in page
    assert counted(page, 0) == "Claim: At least half do. No networks have been trained for this yet"
    assert against(page, 0) == ""


def test_a_pending_run_leaves_what_the_latest_counted_and_a_finished_one_takes_its_place(
    app: Flask, client: FlaskClient
) -> None:
    with app.app_context():
        finish(queries.enqueue(revision()), complementary_share=40, two_two_share=64)
        fresh = queries.enqueue(revision()).id
        db.session.commit()
    page = client.get(PAGE).text
    assert counted(page, 0) == "Claim: At least half do. 40 of 64 networks in the latest run: held"
    assert counted(page, 1).endswith("64 of 64 networks in the latest run: certain, checked")
    assert "belief-" not in client.get(f"/runs/{fresh}/panel").text
    with app.app_context():
        finish(db.session.get_one(RunRow, fresh), complementary_share=53, two_two_share=64)
    swapped = client.get(f"/runs/{fresh}/panel").text
    assert counted(swapped, 0) == "Claim: At least half do. 53 of 64 networks in this run: held"
    assert 'id="belief-0-counted" hx-swap-oob="true"' in swapped
    assert "belief-2-" not in swapped
    assert "belief-" not in client.get(f"/runs/{fresh}/panel?numbers=1").text
    assert "belief-" not in client.get(f"/runs/{fresh}/panel?place=run").text
    assert "belief-0-counted" in client.get(f"/embed/runs/{fresh}/panel").text


def test_a_run_that_refutes_the_claim_speaks_against_the_answer(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        run = finish(queries.enqueue(revision()), complementary_share=20, two_two_share=64)
    page, swapped = client.get(PAGE).text, client.get(f"/runs/{run}/panel").text
    assert against(page, 0) == "The latest run speaks against this answer."
    assert against(swapped, 0) == "This run speaks against this answer."
    assert counted(swapped, 0) == "Claim: At least half do. 20 of 64 networks in this run: failed"
    assert against(swapped, 1) == ""


def test_a_run_that_did_not_test_or_could_not_judge_the_claim_says_so(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        run = queries.enqueue(revision())
        finish(run, two_two_share=64)
        assert counted(client.get(PAGE).text, 0).endswith("At least half do. The latest run could not judge this")
        republish(SLUG, claims=(MOST.model_copy(update={"at_least": 0.6}), ALWAYS, ABOUT_BIAS))
    assert counted(client.get(PAGE).text, 0).endswith("At least half do. The latest run did not test this")


def test_a_further_experiment_settles_its_own_beliefs(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        bias = revision().experiments[1]
        run = queries.enqueue(revision(), bias)
        run_id = run.id
        assert "belief-" not in client.get(f"/runs/{run_id}/section").text
        finish(run, identical_share__constant_random=0)
    assert counted(client.get(PAGE).text, 2).endswith("They differ. 0 of 64 networks in the latest run: held")
    swapped = client.get(f"/runs/{run_id}/section").text
    assert counted(swapped, 2).endswith("They differ. 0 of 64 networks in this run: held")
    assert "belief-0-" not in swapped


def test_a_frame_has_them_folded(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        run = finish(queries.enqueue(revision()), complementary_share=40, two_two_share=64)
    for frame in (f"/embed/{SLUG}", f"/embed/runs/{run}"):
        page = client.get(frame).text
        assert '<details class="fold">\n  <summary>What people often think</summary>' in page
        assert "40 of 64 networks" in counted(page, 0)


def test_a_varied_run_settles_nothing(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        finish(queries.enqueue(revision()), complementary_share=40, two_two_share=64)
    answer = client.post(f"{PAGE}/variations", data={"parameter-steps": "50"})
    assert answer.status_code == 303, answer.text
    page = client.get(answer.headers["Location"]).text
    (varied,) = re.findall(r'hx-get="/runs/([^/]+)/panel', page)
    assert counted(page, 0).endswith("40 of 64 networks in the latest run: held")
    with app.app_context():
        finish(db.session.get_one(RunRow, varied), complementary_share=1, two_two_share=1)
    assert "belief-" not in client.get(f"/runs/{varied}/panel").text
    assert "What people often think" not in client.get(f"/embed/runs/{varied}").text


def test_an_entry_without_beliefs_has_no_such_section(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        republish(SLUG, beliefs=())
    for address in (PAGE, f"/embed/{SLUG}"):
        assert "What people often think" not in client.get(address).text
