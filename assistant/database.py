"""The database: one metadata with named constraints, and SQLite set up for many readers and one writer."""

import re
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Literal, Protocol, Self, TypeVar

from alembic.config import Config
from alembic.script import ScriptDirectory
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    JSON,
    ColumnElement,
    Connection,
    CursorResult,
    DateTime,
    Delete,
    Dialect,
    Engine,
    MetaData,
    Select,
    Update,
    column,
    event,
    func,
    inspect,
    select,
    table,
    true,
)
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, NotSupportedError, ProgrammingError
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

MIGRATIONS = Path(__file__).parents[1] / "migrations"
MIGRATE = "run `flask --app wsgi db upgrade`"

Mode = Literal["read", "write"]

NAMES = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """The base of all tables."""

    metadata = MetaData(naming_convention=NAMES)


db = SQLAlchemy(model_class=Base)


class UTCDateTime(TypeDecorator[datetime]):
    """A date and time that is aware of UTC on both sides, also on SQLite, which keeps no zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Refuse naive values, and store UTC."""
        if value is not None and value.tzinfo is None:
            raise ValueError("a date and time needs a zone")
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Return UTC."""
        return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


class Stored(Protocol):
    """A frozen type that is stored as JSON."""

    def to_json(self) -> dict[str, Any]:
        """Return what is stored."""

    @classmethod
    def model_validate(cls, obj: Any, /) -> Self:  # noqa: ANN401
        """Return what was stored."""


T = TypeVar("T", bound=Stored)


class JSONList(TypeDecorator[tuple[T, ...]]):
    """A list of frozen objects, stored as JSON and typed as soon as it is read."""

    impl = JSON
    cache_ok = True

    def __init__(self, kind: type[T]) -> None:
        super().__init__()
        self.kind = kind

    def process_bind_param(self, value: Sequence[T] | None, dialect: Dialect) -> Any:  # noqa: ANN401, ARG002
        """Return the objects as plain data."""
        return None if value is None else [each.to_json() for each in value]

    def process_result_value(self, value: Any, dialect: Dialect) -> tuple[T, ...] | None:  # noqa: ANN401, ARG002
        """Return the objects."""
        return None if value is None else tuple(self.kind.model_validate(each) for each in value)


class JSONObject(TypeDecorator[T]):
    """A frozen object, stored as JSON and typed as soon as it is read; None is NULL."""

    impl = JSON
    cache_ok = True

    def __init__(self, kind: type[T]) -> None:
        super().__init__(none_as_null=True)
        self.kind = kind

    def process_bind_param(self, value: T | None, dialect: Dialect) -> Any:  # noqa: ANN401, ARG002
        """Return the object as plain data."""
        return None if value is None else value.to_json()

    def process_result_value(self, value: Any, dialect: Dialect) -> T | None:  # noqa: ANN401, ARG002
        """Return the object."""
        return None if value is None else self.kind.model_validate(value)


def now() -> datetime:
    """Return the present moment in UTC."""
    return datetime.now(UTC)


def prepare_sqlite(engine: Engine) -> None:
    """Set up an SQLite engine: WAL, a busy timeout, foreign keys, and write transactions that begin as such.

    What reads first and then writes fails at once under a plain BEGIN when another has written in between; BEGIN
    IMMEDIATE waits for its turn. Whoever writes asks for it by the execution option ``writes``.
    """

    @event.listens_for(engine, "connect")
    def connect(connection: Any, _record: Any) -> None:  # noqa: ANN401
        connection.isolation_level = None  # pysqlite would begin transactions by itself, and too late
        cursor = connection.cursor()
        # Savepoints are kept in memory: there may be no other folder to write into than the database's.
        own = ("busy_timeout=10000", "foreign_keys=ON", "synchronous=NORMAL", "secure_delete=ON", "temp_store=MEMORY")
        for pragma in own:
            cursor.execute(f"PRAGMA {pragma}")
        # A file that may only be read keeps its mode; one that another process just brings into WAL counts as locked.
        with suppress(sqlite3.OperationalError):
            cursor.execute("PRAGMA journal_mode=WAL")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:  # noqa: ANN401
        connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get("writes") else "BEGIN")

    @event.listens_for(engine, "handle_error")
    def replace_connections(context: Any) -> None:  # noqa: ANN401
        # A connection keeps what it read of a damaged file, also when that is whole again.
        context.is_disconnect |= type(context.original_exception) is sqlite3.DatabaseError


@contextmanager
def reading() -> Iterator[None]:
    """Read in a transaction of its own, which on SQLite keeps no writer waiting, and end it.

    Within another `reading` or `writing` it joins that one. What is read outside of both, as most pages do, is read in
    a transaction that begins by itself; that one ends here, and rows that the caller still holds are loaded anew when
    they are used.
    """
    if _open_transaction() is None:
        with _transaction("read"):
            yield
    else:
        yield


@contextmanager
def writing() -> Iterator[None]:
    """Read and write in a transaction of its own, commit it at the end, and roll it back on an exception.

    On SQLite one writes at a time, and whoever comes later waits here and not in the middle. Within another `writing`
    it is a savepoint: all of it is stored when the outer one is, or nothing when it raises.

    Raises:
        RuntimeError: called within `reading`, where what was read may be outdated by the time of the writing.
    """
    match _open_transaction():
        case None:
            with _transaction("write"):
                yield
                db.session.commit()
        case "write":
            with db.session.begin_nested():
                yield
        case _:
            raise RuntimeError("writing() within reading(): end the reading first")


def _open_transaction() -> Mode | None:
    """Return what the transaction that `reading` or `writing` began is for."""
    mode: Mode | None = db.session().info.get("transaction")
    return mode


@contextmanager
def _transaction(mode: Mode) -> Iterator[None]:
    session = db.session()
    if session.new or session.dirty or session.deleted:
        raise RuntimeError("rows were changed outside of writing()")
    session.rollback()
    session.info["transaction"] = mode
    try:
        session.connection(execution_options={"writes": mode == "write"})
        yield
    finally:
        session.info["transaction"] = None
        session.rollback()


def affected_rows(statement: Update | Delete) -> int:
    """Execute a statement, and return how many rows it changed; objects that are loaded already do not learn of it."""
    result = db.session.execute(statement, execution_options={"synchronize_session": False})
    return result.rowcount if isinstance(result, CursorResult) else 0


def drop_in_batches(
    chosen: Select[Any], size_of: ColumnElement[int], drop: Callable[[ColumnElement[bool]], Update | Delete]
) -> tuple[int, int]:
    """Drop what rows hold, one batch a transaction, so that others who write wait for moments only.

    Args:
        chosen: selects the keys of the next batch, limited in number; what is dropped must no longer be selected.
        size_of: the bytes of what is dropped of one row.
        drop: makes the statement that drops, given what the rows of a batch have in common.

    Returns:
        How many rows dropped something, and how many bytes.
    """
    (key,) = chosen.selected_columns
    dropped, size = 0, 0
    while True:
        with writing():
            keys = list(db.session.scalars(chosen))
            if not keys:
                return dropped, size
            statement = drop(key.in_(keys))
            which = statement.whereclause if statement.whereclause is not None else true()
            size += db.session.scalar(select(func.sum(size_of)).where(which)) or 0
            dropped += affected_rows(statement)


def keep_rows(table: type[Base]) -> None:
    """Let rows of a table only be added: to change or delete one is refused."""

    def refuse(_mapper: object, _connection: object, target: object) -> None:
        raise RuntimeError(f"{type(target).__name__} rows are only ever added")

    event.listen(table, "before_update", refuse)
    event.listen(table, "before_delete", refuse)


@cache
def known_revisions() -> tuple[str, ...]:
    """Return the migrations that this code knows, the newest first."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return tuple(script.revision for script in ScriptDirectory.from_config(config).walk_revisions())


def migration_problem(connection: Connection) -> str | None:
    """Say in one line how the database's tables differ from those that the code needs; None when they agree."""
    head, current = known_revisions()[0], None
    if inspect(connection).has_table("alembic_version"):
        current = connection.scalar(select(column("version_num")).select_from(table("alembic_version")))
    if current == head:
        return None
    if current is None:
        return f"the database is not migrated: {MIGRATE}"
    if current in known_revisions():
        return f"the database is at migration {current}, and the code needs {head}: {MIGRATE}"
    return f"the database is at migration {current}, which this version does not know: update the code"


def is_outage(error: Exception) -> bool:
    """Say whether an error comes from a database that cannot be used, and not from what it was asked to do."""
    ours = IntegrityError | DataError | ProgrammingError | NotSupportedError
    return isinstance(error, DBAPIError) and not isinstance(error, ours)


def explain_error(error: DBAPIError) -> str:
    """Say in one line why the database could not be used."""
    told = " ".join(str(error.orig).split())
    if re.search(r"no such (table|column)|(relation|column) .* does not exist", told):
        return f"the database is not migrated: {MIGRATE}"
    return f"the database cannot be used: {told}"
