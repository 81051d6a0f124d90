"""The runs table is the queue: an index for the oldest run that waits, and on PostgreSQL a notification of each new one."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

FUNCTION = """
CREATE FUNCTION notify_of_waiting_run() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN PERFORM pg_notify('runs_waiting', ''); RETURN NULL; END $$
"""
TRIGGER = """
CREATE TRIGGER runs_waiting AFTER INSERT OR UPDATE OF state ON runs
FOR EACH ROW WHEN (NEW.state = 'waiting') EXECUTE FUNCTION notify_of_waiting_run()
"""


def upgrade() -> None:
    op.drop_index("ix_runs_state", "runs")
    op.create_index("ix_runs_queue", "runs", ["state", "created_at", "id"])
    replace_workers("'loading', 'warming', 'warm', 'stalled'")
    if op.get_bind().dialect.name == "postgresql":
        op.execute(FUNCTION)
        op.execute(TRIGGER)


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER runs_waiting ON runs")
        op.execute("DROP FUNCTION notify_of_waiting_run()")
    replace_workers("'loading', 'warming', 'warm'")
    op.drop_index("ix_runs_queue", "runs")
    op.create_index("ix_runs_state", "runs", ["state"])


def replace_workers(states: str) -> None:
    # It holds nothing but heartbeats of workers, which are not running now.
    op.drop_table("workers")
    op.create_table(
        "workers",
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("heartbeat", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(f"state IN ({states})", name=op.f("ck_workers_state")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_workers")),
    )
