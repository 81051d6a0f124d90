"""What learners hold to be so: beliefs of each revision, with yes, no or partly."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # A plain column: revisions are only ever added, and a table that is made anew would lose what hangs on it.
    op.add_column("revisions", sa.Column("beliefs", sa.JSON(), nullable=False, server_default="[]"))


def downgrade() -> None:
    op.drop_column("revisions", "beliefs")
