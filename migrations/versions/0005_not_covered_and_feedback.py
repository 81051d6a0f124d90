"""Questions that no entry covers, what learners said of their answers, and for which library a fit was made."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "not_covered",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_not_covered")),
        sa.UniqueConstraint("text", name=op.f("uq_not_covered_text")),
    )
    # What was learned follows from the library and is learned again: at the next import, or by the worker.
    op.execute(sa.delete(sa.table("fits")))
    with op.batch_alter_table("fits", schema=None) as batch_op:
        batch_op.drop_column("not_covered")
        batch_op.add_column(sa.Column("learned_of", sa.String(length=100), nullable=False))
    with op.batch_alter_table("questions", schema=None) as batch_op:
        batch_op.add_column(sa.Column("verdict", sa.String(length=10), nullable=True))
        batch_op.add_column(sa.Column("meant_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("judged_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_foreign_key(op.f("fk_questions_meant_id_entries"), "entries", ["meant_id"], ["id"])
        batch_op.create_check_constraint(op.f("ck_questions_verdict"), "verdict IN ('answered', 'missed')")


def downgrade() -> None:
    with op.batch_alter_table("questions", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_questions_verdict"), type_="check")
        batch_op.drop_constraint(op.f("fk_questions_meant_id_entries"), type_="foreignkey")
        batch_op.drop_column("judged_at")
        batch_op.drop_column("meant_id")
        batch_op.drop_column("verdict")
    op.execute(sa.delete(sa.table("fits")))
    with op.batch_alter_table("fits", schema=None) as batch_op:
        batch_op.drop_column("learned_of")
        batch_op.add_column(sa.Column("not_covered", sa.JSON(), nullable=False))
    op.drop_table("not_covered")
