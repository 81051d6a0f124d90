"""What a run costs, what a learner varied, and evidence summed as runs are stored."""

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


def downgrade() -> None:
    op.drop_column("runs", "varied")
    op.drop_column("experiments", "cost")
