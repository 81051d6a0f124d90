"""Posts that ask several things, questions that follow others, and runs with a question's own numbers."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("questions", schema=None) as batch_op:
        batch_op.add_column(sa.Column("post", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("part_of_id", sa.String(22), nullable=True))
        batch_op.add_column(sa.Column("position", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("follows_id", sa.String(22), nullable=True))
        batch_op.add_column(sa.Column("language", sa.String(8), nullable=True))
        batch_op.add_column(sa.Column("varied_run_id", sa.String(16), nullable=True))
        batch_op.create_foreign_key(
            op.f("fk_questions_part_of_id_questions"), "questions", ["part_of_id"], ["id"], ondelete="CASCADE"
        )
        batch_op.create_foreign_key(
            op.f("fk_questions_follows_id_questions"), "questions", ["follows_id"], ["id"], ondelete="SET NULL"
        )
        batch_op.create_foreign_key(op.f("fk_questions_varied_run_id_runs"), "runs", ["varied_run_id"], ["id"])
        batch_op.create_index(op.f("ix_questions_part_of_id"), ["part_of_id"])
        batch_op.create_index(op.f("ix_questions_follows_id"), ["follows_id"])


def downgrade() -> None:
    # A post's further questions stay, each as a question of its own.
    with op.batch_alter_table("questions", schema=None) as batch_op:
        batch_op.drop_index(op.f("ix_questions_follows_id"))
        batch_op.drop_index(op.f("ix_questions_part_of_id"))
        for name in ("varied_run_id_runs", "follows_id_questions", "part_of_id_questions"):
            batch_op.drop_constraint(op.f(f"fk_questions_{name}"), type_="foreignkey")
        for name in ("varied_run_id", "language", "follows_id", "position", "part_of_id", "post"):
            batch_op.drop_column(name)
