"""Evidence, summed as runs are stored: the same as pooling every run's verdicts from scratch."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import event, select

from assistant.database import MIGRATIONS, db
from assistant.intervals import wilson
from assistant.library.claims import Claim
from assistant.library.queries import experiment, published_entry
from assistant.library.tables import ExperimentRow, RevisionRow
from assistant.runs import queries, queue
from assistant.runs.evidence import evidence_queries
from assistant.runs.evidence.verdicts import Evidence, Verdict, evidence_key, judge, pool
from assistant.runs.tables import DONE, EvidenceRow, RunRow
from tests.assistant.runs.conftest import unwatched

pytestmark = pytest.mark.slow

SHARE = Claim(text="Most do.", finding="share", at_least=0.5)
STRICT = Claim(text="Most do.", finding="share", at_least=0.9)
NUMBER = Claim(text="Far.", finding="gap", at_least=1)
CLAIMS = (SHARE, STRICT, NUMBER)


@pytest.fixture(autouse=True)
def pushed(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


@pytest.fixture
def revision() -> RevisionRow:
    entry = published_entry("why-neurons-differ")
    assert entry is not None
    assert entry.published is not None
    return entry.published


@pytest.fixture
def known(revision: RevisionRow) -> ExperimentRow:
    row = experiment(revision.experiment)
    assert row is not None
    return row


def picking(seed: int) -> Callable[[Sequence[Any]], Any]:
    """Return a function that picks one of several."""
    generator = np.random.default_rng(seed)
    return lambda options: options[int(generator.integers(len(options)))]


def findings(count: int, of: int, gap: float | None) -> dict[str, dict[str, Any]]:
    low, high = wilson(count, of) if of else (None, None)
    interval = {"value": count / of if of else None, "low": low, "high": high}
    return {
        "share": {"kind": "share", "label": "networks", "count": count, "of": of, **interval},
        "gap": {"kind": "quantity", "label": "gap", "value": gap, "unit": "weight"},
    }


def store(
    revision: RevisionRow,
    code: str,
    found: Mapping[str, Mapping[str, Any]],
    *,
    claims: Sequence[Claim] = CLAIMS,
    **values: Any,
) -> None:
    """Store a finished run as a worker does."""
    run = queries.enqueue(revision)
    run.claims = tuple(claims)
    for name, value in values.items():
        setattr(run, name, value)
    db.session.commit()
    task = queue.claim("here:1")
    assert task is not None
    assert queue.finish(task, {"verdicts": judge(claims, found), "findings": found, "code": code}, unwatched(task))


def evidence(revision: RevisionRow, known: ExperimentRow, claims: Sequence[Claim]) -> list[Evidence | None]:
    return evidence_queries.evidence_to_date(revision.entry_id, revision.experiments[0], known, claims)


def from_scratch(revision: RevisionRow, code: str, claim: Claim) -> Evidence:
    """Pool a claim over all stored runs that are alike, each seed once."""
    runs = db.session.scalars(select(RunRow).order_by(RunRow.finished_at)).all()
    seeds: dict[int, list[Verdict]] = {}
    for run in runs:
        alike = run.experiment == revision.experiment and run.hyperparameters == revision.hyperparameters
        mine = run.entry_id == revision.entry_id and run.state == DONE and run.evidence and run.code == code
        judged = [each for each in run.verdicts or () if each.claim == claim and each.held is not None]
        if alike and mine and judged:
            seeds.setdefault(run.seed, judged)
    return pool(seeds.values(), claim)


@pytest.mark.parametrize("seed", range(3))
def test_summed_evidence_is_what_pooling_from_scratch_gives(
    revision: RevisionRow, known: ExperimentRow, seed: int
) -> None:
    pick = picking(seed)
    for _ in range(60):
        of = pick([0, 17, 64])
        found = findings(pick(range(of + 1)), of, pick([None, 0.5, 2.0]))
        store(
            revision,
            pick([known.code, known.code, "0" * 64]),
            found,
            claims=pick([CLAIMS, CLAIMS[:1], CLAIMS[1:]]),
            seed=pick(range(25)),
            evidence=pick([True, True, True, False]),
            hyperparameters=pick([{}, {}, {"steps": 100}]),
        )
    expected = [from_scratch(revision, known.code, claim) for claim in CLAIMS]
    assert evidence(revision, known, CLAIMS) == expected
    assert all(each.judged > 3 for each in expected)


def test_each_seed_counts_once_for_each_claim(revision: RevisionRow, known: ExperimentRow) -> None:
    store(revision, known.code, findings(60, 64, 2.0), claims=[SHARE], seed=7)
    store(revision, known.code, findings(60, 64, 2.0), claims=[SHARE, NUMBER], seed=7)
    share, number = evidence(revision, known, [SHARE, NUMBER])
    assert share is not None
    assert (share.held, share.judged, share.count, share.of) == (1, 1, 60, 64)
    assert number == Evidence(1, 1, None, None, None, None)


def test_an_edited_claim_begins_anew_and_counts_again_when_taken_back(
    revision: RevisionRow, known: ExperimentRow
) -> None:
    store(revision, known.code, findings(60, 64, 2.0), seed=1)
    edited = SHARE.model_copy(update={"at_least": 0.6})
    assert evidence(revision, known, [edited]) == [None]
    store(revision, known.code, findings(50, 64, 2.0), claims=[edited], seed=2)
    store(revision, known.code, findings(40, 64, 2.0), claims=[SHARE], seed=3)
    assert [each and each.count for each in evidence(revision, known, [SHARE, edited])] == [100, 50]


def test_changed_code_or_parameters_begin_anew(revision: RevisionRow, known: ExperimentRow) -> None:
    store(revision, known.code, findings(60, 64, 2.0), seed=1)
    known.code = "1" * 64
    assert evidence(revision, known, CLAIMS) == [None, None, None]


def test_a_result_that_is_not_stored_adds_nothing(revision: RevisionRow, known: ExperimentRow) -> None:
    queries.enqueue(revision)
    db.session.commit()
    task = queue.claim("here:1")
    assert task is not None
    queue.release(task)
    found = findings(60, 64, 2.0)
    assert not queue.finish(
        task, {"verdicts": judge(CLAIMS, found), "findings": found, "code": known.code}, unwatched(task)
    )
    assert db.session.query(EvidenceRow).count() == 0


def test_a_varied_run_adds_nothing(revision: RevisionRow, known: ExperimentRow) -> None:
    queries.enqueue(revision, varied={"changes": [{"parameter": "rate", "value": 0.3, "own": 0.01}], "beside": None})
    db.session.commit()
    task = queue.claim("here:1")
    assert task is not None
    found = findings(60, 64, 2.0)
    assert queue.finish(
        task, {"verdicts": judge(CLAIMS, found), "findings": found, "code": known.code}, unwatched(task)
    )
    assert db.session.query(EvidenceRow).count() == 0


def test_evidence_is_read_without_reading_the_runs(revision: RevisionRow, known: ExperimentRow) -> None:
    for seed in range(3):
        store(revision, known.code, findings(60, 64, 2.0), seed=seed)
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        statements.append(statement)

    revision.claims, known.code  # noqa: B018 - loads them
    event.listen(db.engine, "before_cursor_execute", note)
    evidence(revision, known, CLAIMS)
    event.remove(db.engine, "before_cursor_execute", note)
    assert [statement for statement in statements if "FROM evidence" in statement]
    assert not [statement for statement in statements if "FROM runs" in statement]


def test_runs_that_were_stored_before_are_summed_by_the_migration(revision: RevisionRow, known: ExperimentRow) -> None:
    pick = picking(5)
    for _ in range(20):
        of = pick([0, 64])
        found = findings(pick(range(of + 1)), of, pick([None, 0.5, 2.0]))
        store(revision, known.code, found, seed=pick(range(9)), evidence=pick([True, True, True, False]))
    before = sums()
    db.session.remove()
    downgrade(str(MIGRATIONS), "0003")
    upgrade(str(MIGRATIONS))
    assert before
    assert sums() == before


def sums() -> dict[str, tuple[int, int, int, int]]:
    return {row.key: (row.held, row.judged, row.count, row.of) for row in db.session.query(EvidenceRow)}


def test_what_is_equal_is_summed_under_one_key() -> None:
    claim = Claim.model_validate({"between": [0, 1], "text": "a", "finding": "f"})
    key = evidence_key(1, "symmetry", "c0de", {"rate": 1, "steps": 5}, claim)
    again = Claim.model_validate({"text": "a", "finding": "f", "between": (0.0, 1.0)})
    assert key == evidence_key(1, "symmetry", "c0de", {"steps": 5.0, "rate": 1.0}, again)
    changes = ({"between": (0, 0.9)}, {"text": "b"}, {"experiment": "rerun"}, {"complement": True})
    others = [
        evidence_key(2, "symmetry", "c0de", {"rate": 1, "steps": 5}, claim),
        evidence_key(1, "rerun", "c0de", {"rate": 1, "steps": 5}, claim),
        evidence_key(1, "symmetry", "else", {"rate": 1, "steps": 5}, claim),
        evidence_key(1, "symmetry", "c0de", {"rate": 1}, claim),
        *(
            evidence_key(1, "symmetry", "c0de", {"rate": 1, "steps": 5}, claim.model_copy(update=each))
            for each in changes
        ),
    ]
    assert len({key, *others}) == 9


def test_evidence_that_was_summed_before_claims_had_a_type_is_found() -> None:
    claim = {"text": "Most do.", "finding": "share", "at_least": 0.5}
    alike = [1, "symmetry", "c0de", {"rate": 1}, claim]
    before = hashlib.sha256(json.dumps(alike, sort_keys=True).encode()).hexdigest()
    assert evidence_key(1, "symmetry", "c0de", {"rate": 1.0}, SHARE) == before
