"""Run migrations against the service's own database; ``flask db upgrade`` calls this."""

from alembic import context
from flask import current_app


def run() -> None:
    """Bring the database to the wanted revision."""
    db = current_app.extensions["migrate"].db
    with db.engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            **current_app.extensions["migrate"].configure_args,
        )
        with context.begin_transaction():
            context.run_migrations()


run()
