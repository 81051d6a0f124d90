"""PostgreSQL that accepts what it is sent and never answers: whoever waits for it gives up, and nothing hangs with it.

The server's own limits do not help where it is the server that stands still, nor do those of TCP, which its machine
still acknowledges.
"""

from collections.abc import Generator
from time import monotonic
from typing import Any, TypeVar

from psycopg import Connection, OperationalError
from sqlalchemy import Engine, event

from assistant.patience import patience

T = TypeVar("T")


class ImpatientConnection(Connection[Any]):
    """A connection that is closed once the server has not answered for as long as `patience` says."""

    def wait(self, gen: Generator[Any, Any, T], *args: Any, **options: Any) -> T:  # noqa: ANN401 - as psycopg has them
        """Wait for an answer, for a time."""
        return super().wait(self._in_time(gen, patience.get()), *args, **options)

    def _in_time(self, gen: Generator[Any, Any, T], seconds: float) -> Generator[Any, Any, T]:
        """Do the same as ``gen``, which is woken many times a second, until the time is over."""
        end = monotonic() + seconds
        try:
            wanted = next(gen)
            while monotonic() < end:
                wanted = gen.send((yield wanted))
        except StopIteration as over:
            answer: T = over.value
            return answer
        self.pgconn.finish()  # What it answers later is for a question that nobody asks any more.
        raise OperationalError(f"it has not answered for {seconds:g} s")


def prepare_postgresql(engine: Engine) -> None:
    """Let an engine use connections that give up."""

    @event.listens_for(engine, "do_connect")
    def connect(_dialect: object, _record: object, args: list[Any], options: dict[str, Any]) -> ImpatientConnection:
        return ImpatientConnection.connect(*args, **options)
