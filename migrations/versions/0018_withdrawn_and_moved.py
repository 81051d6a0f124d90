"""Entries that were withdrawn, and the addresses that entries had before."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Plain columns: a table that is made anew would lose what hangs on it.
    op.add_column("entries", sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("entries", sa.Column("successor", sa.String(length=100), nullable=True))
    op.create_table(
        "moved_slugs",
        sa.Column("slug", sa.String(length=100), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["entries.id"], name=op.f("fk_moved_slugs_entry_id_entries"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("slug", name=op.f("pk_moved_slugs")),
    )


def downgrade() -> None:
    op.drop_table("moved_slugs")
    op.drop_column("entries", "successor")
    op.drop_column("entries", "withdrawn_at")
