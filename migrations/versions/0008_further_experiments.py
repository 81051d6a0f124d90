"""Entries with more than one experiment: the further ones beside the main one of a revision."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # A plain column: revisions are only ever added, and a table that is made anew would lose what hangs on it.
    op.add_column("revisions", sa.Column("further", sa.JSON(), nullable=False, server_default="[]"))


def downgrade() -> None:
    op.drop_column("revisions", "further")
