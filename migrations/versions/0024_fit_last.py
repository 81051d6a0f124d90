"""The fit's bytes as the last column: on SQLite, what stands behind megabytes is read by going through them."""

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

BEFORE = ("id", "stored", "updated_at", "fitted_to", "progress")
AFTER = ("id", "updated_at", "fitted_to", "progress", "stored")


def _in_order(columns: tuple[str, ...]) -> None:
    if op.get_bind().dialect.name == "sqlite":
        with op.batch_alter_table("fits", schema=None, recreate="always", partial_reordering=[columns]):
            pass


def upgrade() -> None:
    _in_order(AFTER)


def downgrade() -> None:
    _in_order(BEFORE)
