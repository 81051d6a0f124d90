"""Waiting for new runs: PostgreSQL notifies of them, and of an SQLite file it costs next to nothing to see a change.

A listener has a connection of its own, which it opens anew by itself after a failure. It may miss a run, never for
long: whoever waits looks at the runs table all the same after some time.
"""

import sqlite3
from abc import ABC, abstractmethod
from threading import Event
from time import monotonic
from typing import Any

from sqlalchemy import Engine, PoolProxiedConnection

from assistant.runs.worker.outage import Outage

CHANNEL = "runs_waiting"  # a trigger of the runs table notifies of runs that wait
POLL_INTERVAL = 0.02  # seconds between looks whether an SQLite file was changed, some microseconds each
SLICE = 0.2  # seconds after which somebody who waits for PostgreSQL looks whether to stop


class Listener(ABC):
    """Waits for new runs, on a connection of its own."""

    def __init__(self, engine: Engine, stopping: Event) -> None:
        self._engine, self._stopping = engine, stopping
        self._connection: PoolProxiedConnection | None = None
        self._outage = Outage("new runs are seen late")

    def wait(self, seconds: float) -> None:
        """Return when there may be a new run, when the worker is to stop, or after so many seconds."""
        with self._outage.tolerated():
            self._wait(seconds)
            return
        self.close()
        self._stopping.wait(seconds)

    def close(self) -> None:
        """Close the connection; it is opened anew when it is needed again."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _wait(self, seconds: float) -> None:
        if self._connection is None:
            self._connection = self._engine.raw_connection()
            self._connection.detach()  # from the pool
            self._begin(self._connection.dbapi_connection)
            return  # There may be a run that came before anybody listened.
        end = monotonic() + seconds
        while not self._stopping.is_set() and monotonic() < end:
            if self._has_news(self._connection.dbapi_connection):
                return

    @abstractmethod
    def _begin(self, connection: Any) -> None:  # noqa: ANN401 - each driver has its own
        """Begin to listen."""

    @abstractmethod
    def _has_news(self, connection: Any) -> bool:  # noqa: ANN401
        """Say whether there may be a new run, after a moment at most."""


class SQLiteListener(Listener):
    """Looks often whether anybody has written to the file."""

    def _begin(self, connection: sqlite3.Connection) -> None:
        self._version = self._read(connection)

    def _has_news(self, connection: sqlite3.Connection) -> bool:
        self._stopping.wait(POLL_INTERVAL)
        before, self._version = self._version, self._read(connection)
        return self._version != before

    @staticmethod
    def _read(connection: sqlite3.Connection) -> int:
        """Return a number that changes when another connection, of any process, commits."""
        version: int = connection.execute("PRAGMA data_version").fetchone()[0]
        return version


class PostgreSQLListener(Listener):
    """Hears PostgreSQL's notifications."""

    def _begin(self, connection: Any) -> None:  # noqa: ANN401 - its driver is loaded only where it is used
        connection.autocommit = True
        connection.execute(f"LISTEN {CHANNEL}")

    def _has_news(self, connection: Any) -> bool:  # noqa: ANN401
        return any(True for _ in connection.notifies(timeout=SLICE, stop_after=1))


def listener(engine: Engine, stopping: Event) -> Listener:
    """Return what waits for new runs in this database."""
    kinds: dict[str, type[Listener]] = {"sqlite": SQLiteListener, "postgresql": PostgreSQLListener}
    return kinds[engine.dialect.name](engine, stopping)
