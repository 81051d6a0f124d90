"""What of a run can be watched and taken home, and whether its figures are drawn yet."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "replays",
        sa.Column("run_id", sa.String(length=16), nullable=False),
        sa.Column("recording", sa.LargeBinary(), nullable=False),
        sa.Column("scripts", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_replays_run_id_runs"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_replays")),
    )
    with op.batch_alter_table("runs") as runs:
        runs.add_column(sa.Column("drawing", sa.String(length=10), nullable=True))
        runs.create_check_constraint(op.f("ck_runs_drawing"), "drawing IN ('waiting', 'drawn', 'failed')")
        runs.create_index("ix_runs_drawing", ["drawing", "finished_at"])
    op.execute("UPDATE runs SET drawing = 'drawn' WHERE state = 'done'")


def downgrade() -> None:
    with op.batch_alter_table("runs") as runs:
        runs.drop_index("ix_runs_drawing")
        runs.drop_constraint(op.f("ck_runs_drawing"), type_="check")
        runs.drop_column("drawing")
    op.drop_table("replays")
