"""The evidence to date: what is added to it with each run that is stored, and what is read of it."""

from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.exc import IntegrityError

from assistant.database import affected_rows, db
from assistant.library.claims import Claim
from assistant.library.configurations import Configuration
from assistant.library.findings import Finding
from assistant.library.queries import experiment_codes, published_entries
from assistant.library.tables import ExperimentRow
from assistant.runs.evidence.verdicts import Evidence, Verdict, evidence_from_sums, evidence_key
from assistant.runs.tables import DONE, EvidenceRow, RunRow

MANY = 20  # runs by which a claim is judged to have drifted or not
ENOUGH = 0.95  # of them in which it must hold


def recent_verdicts(entry_id: int, configuration: Configuration, code: str, newest: int) -> list[Sequence[Verdict]]:
    """Return the verdicts of an entry's newest runs that count as evidence by this code, each seed once."""
    rows = db.session.execute(
        select(RunRow.seed, RunRow.hyperparameters, RunRow.verdicts)
        .where(*_counts(entry_id, configuration, code))
        .order_by(RunRow.finished_at.desc())
        .limit(newest)
    ).all()
    same = {row.seed: row.verdicts for row in rows if row.hyperparameters == configuration.hyperparameters}
    return list(same.values())


def recent_findings(
    entry_id: int, configuration: Configuration, experiment: ExperimentRow, names: Sequence[str], newest: int
) -> list[dict[str, Finding]]:
    """Return these findings of an entry's newest runs that count as evidence by today's code, each seed once.

    The database takes them out of all that a run reports, which may be a thousand numbers.
    """
    rows = db.session.execute(
        select(RunRow.seed, RunRow.hyperparameters, *(RunRow.findings[name] for name in names))
        .where(*_counts(entry_id, configuration, experiment.code))
        .order_by(RunRow.finished_at.desc())
        .limit(newest)
    ).all()
    alike = {seed: found for seed, hyperparameters, *found in rows if hyperparameters == configuration.hyperparameters}
    return [
        {name: Finding.model_validate(each) for name, each in zip(names, found, strict=True) if each is not None}
        for found in alike.values()
    ]


def _counts(entry_id: int, configuration: Configuration, code: str) -> tuple[ColumnElement[bool], ...]:
    """Return which runs of an entry's experiment count as evidence by this code."""
    return (
        RunRow.entry_id == entry_id,
        RunRow.state == DONE,
        RunRow.evidence.is_(True),
        RunRow.experiment == configuration.experiment,
        RunRow.code == code,
    )


def evidence_to_date(
    entry_id: int, configuration: Configuration, experiment: ExperimentRow, claims: Sequence[Claim]
) -> list[Evidence | None]:
    """Return the evidence to date for each claim, from an entry's runs of a configuration and by today's code."""
    alike = (entry_id, configuration.experiment, experiment.code, configuration.hyperparameters)
    keys = [evidence_key(*alike, claim) for claim in claims]
    rows = db.session.scalars(select(EvidenceRow).where(EvidenceRow.key.in_(keys)))
    found = {row.key: evidence_from_sums(row.held, row.judged, row.count, row.of) for row in rows}
    return [found.get(key) for key in keys]


def drifted_claims() -> dict[str, tuple[int, int]]:
    """Return of each published entry how many claims were judged in many runs, and how many of these fell short."""
    code = experiment_codes()
    keys: dict[str, str] = {}
    entries = published_entries()
    for entry in entries:
        for each in entry.published.experiments if entry.published is not None else ():
            alike = (entry.id, each.experiment, code.get(each.experiment, ""), each.hyperparameters)
            for claim in entry.published.claims_of(each.experiment) if entry.published is not None else ():
                keys[evidence_key(*alike, claim)] = entry.slug
    many = select(EvidenceRow).where(EvidenceRow.key.in_(keys), EvidenceRow.judged >= MANY)
    found = {entry.slug: (0, 0) for entry in entries}
    for row in db.session.scalars(many):
        judged, short = found[keys[row.key]]
        found[keys[row.key]] = judged + 1, short + (row.held < ENOUGH * row.judged)
    return found


def add_evidence(run: RunRow) -> None:
    """Add a run that is just being stored to the evidence; of runs with the same seed, the first counts."""
    if run.entry_id is None or run.code is None or not run.evidence:
        return
    same = select(RunRow).where(RunRow.seed == run.seed, RunRow.id != run.id, RunRow.state == DONE, RunRow.evidence)
    counted = {key for other in db.session.scalars(same) for key in _judged_by_key(other)}
    for key, verdict in sorted(_judged_by_key(run).items()):
        if key in counted:
            continue
        share = verdict.finding if verdict.finding is not None and verdict.finding.is_sample else None
        count, of = (share.count, share.of) if share is not None else (0, 0)
        _add(key, {"held": int(verdict.held is True), "judged": 1, "count": count, "of": of})


def _judged_by_key(run: RunRow) -> dict[str, Verdict]:
    """Return the verdicts of a run by the keys that they are summed under, without those that judge nothing."""
    alike = (run.entry_id or 0, run.experiment, run.code or "", run.hyperparameters)
    return {evidence_key(*alike, each.claim): each for each in run.verdicts or () if each.held is not None}


def _add(key: str, more: Mapping[str, int]) -> None:
    """Add to the sums under a key, also while others do."""
    adding = update(EvidenceRow).where(EvidenceRow.key == key)
    adding = adding.values({name: getattr(EvidenceRow, name) + value for name, value in more.items()})
    if affected_rows(adding):
        return
    try:
        with db.session.begin_nested():
            db.session.add(EvidenceRow(key=key, **more))
    except IntegrityError:  # another worker was first
        affected_rows(adding)
