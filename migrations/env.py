"""Run migrations against the service's own database; ``flask db upgrade`` calls this."""

from alembic import context
from click import ClickException
from flask import current_app
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from assistant.database import explain_error, is_outage
from assistant.patience import patient_for


def foreign_keys(connection: Connection, *, on: bool) -> None:
    """Switch SQLite's foreign keys; it must be done between transactions, where SQLAlchemy would begin one."""
    if connection.dialect.name == "sqlite":
        connection.connection.cursor().execute(f"PRAGMA foreign_keys={'ON' if on else 'OFF'}")


def run() -> None:
    """Bring the database to the wanted revision, all of it or nothing.

    SQLite changes a table by making a new one and dropping the old one, which with foreign keys on would delete all
    rows that refer to it. They are off meanwhile, and checked before the commit.
    """
    db = current_app.extensions["migrate"].db
    with patient_for(float("inf")), db.engine.connect().execution_options(writes=True) as connection:
        foreign_keys(connection, on=False)
        try:
            context.configure(
                connection=connection,
                target_metadata=db.metadata,
                transactional_ddl=True,
                **current_app.extensions["migrate"].configure_args,
            )
            with context.begin_transaction():
                context.run_migrations()
                if connection.dialect.name == "sqlite":
                    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
                    if broken:
                        raise RuntimeError(f"the migration would leave {len(broken)} rows that refer to nothing")
        finally:
            foreign_keys(connection, on=True)


def run_clearly() -> None:
    """End with one line where the database cannot be used, and with all that there is to say of any other error."""
    try:
        run()
    except DBAPIError as error:
        if not is_outage(error):
            raise
        settings = current_app.config["SETTINGS"]
        raise ClickException(f"{explain_error(error)} ({settings.where_the_database_is})") from None


run_clearly()
