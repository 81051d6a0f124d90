"""What readers guess before they see the result: the question of each revision, and the guesses, which name nobody."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # A plain column: revisions are only ever added, and a table that is made anew would lose what hangs on it.
    op.add_column("revisions", sa.Column("predict", sa.JSON(), nullable=True))
    op.create_table(
        "guesses",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("revision_id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.String(length=16), nullable=True),
        sa.Column("guess", sa.Integer(), nullable=False),
        sa.Column("of", sa.Integer(), nullable=False),
        sa.Column("guessed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint('guess BETWEEN 0 AND "of"', name=op.f("ck_guesses_range")),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_guesses_entry_id_entries")),
        sa.ForeignKeyConstraint(["revision_id"], ["revisions.id"], name=op.f("fk_guesses_revision_id_revisions")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_guesses_run_id_runs"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guesses")),
    )
    op.create_index("ix_guesses_entry_id", "guesses", ["entry_id", "guess"])


def downgrade() -> None:
    op.drop_table("guesses")
    op.drop_column("revisions", "predict")
