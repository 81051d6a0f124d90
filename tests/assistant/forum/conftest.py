"""An entry with a finished run, as a worker would have stored it."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from assistant import create_app
from assistant.database import db
from assistant.library.claims import Claim
from assistant.library.findings import declaration_of
from assistant.library.queries import experiment, published_entry
from assistant.runs.evidence.verdicts import judge
from assistant.runs.tables import FigureRow, RunRow
from assistant.tallies import ENDED, tally
from tests.conftest import settings_in

SLUG, TITLE = "why-neurons-differ", "If every neuron gets the same data, why do they not all come out the same?"
PUBLIC, FORUM = "https://ask.example", "https://forum.example"
SVG = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 331 252"><style>@media (prefers-color-scheme:dark)'
    b'{[style*="fill: #1f5fbf"]{fill:#7db4ff!important}}</style><rect width="331" height="252"'
    b' style="fill: #1f5fbf"/></svg>'
)


@pytest.fixture
def app(data_dir: Any) -> Flask:
    """The service at a public address, for a forum that may frame it."""
    return create_app(settings_in(data_dir, public_url=PUBLIC, embed_origins=FORUM))


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A reader of the public address."""
    client = app.test_client()
    client.environ_base["SERVER_NAME"] = "ask.example"
    return client


def finding(claim: Claim, declared: Mapping[str, Any]) -> dict[str, Any]:
    """Return a finding by which a claim holds."""
    value = getattr(claim, claim.predicate)
    value = value[0] if isinstance(value, tuple) else value
    value = 1 - value if claim.complement else value
    common = {"kind": declared["kind"], "label": declared["label"], "value": value}
    if declared["kind"] == "share":
        return {**common, "count": round(64 * value), "of": 64, "low": 0.0, "high": 1.0}
    return {**common, "unit": declared.get("unit") or "weight"} if declared["kind"] == "quantity" else common


def store_run(run_id: str, slug: str = SLUG, *, failing: int = 0, **values: Any) -> str:
    """Store a finished run of an entry whose first claims that can fail, so many, did not hold."""
    entry = published_entry(slug)
    assert entry is not None
    assert entry.published is not None
    known = experiment(entry.published.experiment)
    assert known is not None
    claims = tuple(claim for claim in entry.published.claims if claim.experiment is None)
    findings = {}
    for claim in claims:
        declared = declaration_of(claim.finding, known.findings)
        assert declared is not None
        findings[claim.finding] = finding(claim, declared)
    held = judge(claims, findings)
    failed = [each for each in held if not each.claim.theorem][:failing]
    verdicts = tuple(each.model_copy(update={"held": False}) if each in failed else each for each in held)
    figure = FigureRow(
        position=0,
        name="one",
        title="One",
        caption="What it shows.",
        alternative="A blue field.",
        columns=["n"],
        rows=[["1"]],
        width=331,
        height=252,
        digest="0",
        svg=SVG,
    )
    given: dict[str, Any] = {
        "entry_id": entry.id,
        "revision_id": entry.published.id,
        "experiment": entry.published.experiment,
        "hyperparameters": {},
        "networks": 64,
        "seed": 7,
        "evidence": True,
        "state": "done",
        "code": known.code,
        "claims": claims,
        "verdicts": verdicts,
        "findings": findings,
        "setup": {"data": "blobs"},
        "seconds": {"compile": 1.0, "train": 0.1, "figures": 0.2},
        "versions": {"tensorflow": "2", "numpy": "2", "cpu": "x86-64"},
        "finished_at": datetime(2024, 3, 1, 20, 40, tzinfo=UTC),
        "figures": [figure],
    }
    db.session.add(RunRow(id=run_id, **(given | values)))
    db.session.flush()
    if (given | values)["state"] == "done":  # as the queue does when it stores a run
        tally(ENDED, "done")
    db.session.commit()
    return run_id


@pytest.fixture
def store(app: Flask) -> Callable[..., str]:
    """Store finished runs."""

    def stored(run_id: str, slug: str = SLUG, **values: Any) -> str:
        with app.app_context():
            return store_run(run_id, slug, **values)

    return stored


@pytest.fixture
def run(store: Callable[..., str]) -> str:
    """A finished run of the entry, of which every claim held."""
    return store("finished")
