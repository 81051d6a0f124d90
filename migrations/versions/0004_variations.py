"""What a run costs, what a learner varied, and evidence summed as runs are stored."""

import hashlib
import json

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Plain columns: on SQLite a table that is made anew would lose what hangs on it, such as the runs' figures.
    op.add_column("experiments", sa.Column("cost", sa.JSON(), nullable=True))
    op.add_column("runs", sa.Column("varied", sa.JSON(), nullable=True))
    op.create_index("ix_runs_seed", "runs", ["seed"])
    evidence = op.create_table(
        "evidence",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("held", sa.Integer(), nullable=False),
        sa.Column("judged", sa.Integer(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("of", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_evidence")),
    )
    if sums := _sums():
        op.bulk_insert(evidence, [{"key": key, **values} for key, values in sums.items()])


def downgrade() -> None:
    op.drop_table("evidence")
    op.drop_index("ix_runs_seed", "runs")
    op.drop_column("runs", "varied")
    op.drop_column("experiments", "cost")


def _sums() -> dict[str, dict[str, int]]:
    """Sum the verdicts of all finished runs that count as evidence, as the service does from now on run by run."""
    columns = (
        "entry_id",
        "experiment",
        "code",
        "seed",
        "hyperparameters",
        "verdicts",
        "state",
        "evidence",
        "finished_at",
    )
    kinds = {"hyperparameters": sa.JSON, "verdicts": sa.JSON, "evidence": sa.Boolean}
    runs = sa.table("runs", *(sa.column(name, kinds.get(name)) for name in columns))
    wanted = (
        sa.select(runs)
        .where(runs.c.state == "done", runs.c.evidence, runs.c.entry_id.is_not(None), runs.c.code.is_not(None))
        .order_by(runs.c.finished_at)
    )
    sums: dict[str, dict[str, int]] = {}
    seeds: set[tuple[str, int]] = set()
    for run in op.get_bind().execute(wanted.execution_options(yield_per=500)):
        for verdict in run.verdicts or []:
            alike = [run.entry_id, run.experiment, run.code, _plain(run.hyperparameters), _plain(verdict["claim"])]
            key = hashlib.sha256(json.dumps(alike, sort_keys=True).encode()).hexdigest()
            if verdict["held"] is None or (key, run.seed) in seeds:
                continue
            seeds.add((key, run.seed))
            share = verdict["finding"] if verdict["finding"]["kind"] == "share" else {"count": 0, "of": 0}
            sum_ = sums.setdefault(key, {"held": 0, "judged": 0, "count": 0, "of": 0})
            for name, value in (
                ("held", int(verdict["held"])),
                ("judged", 1),
                ("count", share["count"]),
                ("of", share["of"]),
            ):
                sum_[name] += value
    return sums


def _plain(value: object) -> object:
    """Return a value so that what is equal is also written equally, such as 1 and 1.0."""
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
