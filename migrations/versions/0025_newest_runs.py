"""The newest runs of a revision and of an experiment are found by indexes, however many there are."""

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_runs_experiment", "runs", ["experiment", "state", "finished_at"])
    op.create_index("ix_runs_revision", "runs", ["revision_id", "created_at"])


def downgrade() -> None:
    op.drop_index("ix_runs_revision", "runs")
    op.drop_index("ix_runs_experiment", "runs")
