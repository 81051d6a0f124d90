"""Who asked for a run that waits, as a keyed hash, and when its turn comes."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Plain columns: a table that is made anew would lose what hangs on it.
    op.add_column("runs", sa.Column("asker", sa.String(32), nullable=True))
    op.add_column("runs", sa.Column("turn", sa.Integer(), nullable=False, server_default="0"))
    op.drop_index("ix_runs_queue", "runs")
    op.create_index("ix_runs_queue", "runs", ["state", "turn", "created_at", "id"])
    known = sa.text("asker IS NOT NULL")
    op.create_index("ix_runs_asker", "runs", ["asker"], sqlite_where=known, postgresql_where=known)


def downgrade() -> None:
    op.drop_index("ix_runs_asker", "runs")
    op.drop_index("ix_runs_queue", "runs")
    op.create_index("ix_runs_queue", "runs", ["state", "created_at", "id"])
    op.drop_column("runs", "turn")
    op.drop_column("runs", "asker")
