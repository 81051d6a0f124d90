"""The task queue, chosen by one setting. It only says "look": the runs table holds what there is to do."""

import logging
from collections.abc import Callable
from pathlib import Path

from huey import Huey, PostgresHuey, RedisHuey, SqliteHuey
from huey.exceptions import ConfigurationError
from huey.storage import SqliteStorage

from assistant.config import BadSettingError, Settings

log = logging.getLogger(__name__)

LOOK = "look"


def make(settings: Settings) -> Huey:
    """Return the queue that ``settings`` choose; SQLite in a file of its own unless QUEUE_URL names another.

    Raises:
        BadSettingError: QUEUE_URL names a kind of queue that is not known, or one that cannot be used.
    """
    url = settings.queue_url
    if not url:
        # The file is made by `mended`, at the first use: a folder that may only be read must not stop the pages.
        filename = str(settings.data_dir / "queue.sqlite")
        return SqliteHuey("askneuron", filename=filename, results=False, timeout=2, create_tables=False)
    scheme = url.partition("://")[0]
    try:
        if scheme in {"redis", "rediss"}:
            return RedisHuey("askneuron", url=url, results=False)
        if scheme in {"postgres", "postgresql"}:
            return PostgresHuey("askneuron", dsn=url, results=False)
    except ConfigurationError as error:
        raise BadSettingError(f"setting QUEUE_URL: {error}") from None
    except Exception as error:  # noqa: BLE001 - each kind of queue raises its own
        raise BadSettingError(f"setting QUEUE_URL: the queue cannot be reached: {_line(error)}") from None
    raise BadSettingError(f"setting QUEUE_URL: must begin with redis:// or postgresql://, not {scheme!r}")


def register(huey: Huey, do: Callable[[], None]) -> Callable[[], object]:
    """Let ``huey`` do this when it is rung for; return what rings.

    Huey finds a task by the module and name of its function, so the one that rings and the one that hears must both
    come from here.
    """

    def task() -> None:
        do()

    ring: Callable[[], object] = huey.task(name=LOOK)(task)
    return ring


class Queue:
    """A queue, kept usable also when its file is deleted while others have it open."""

    def __init__(self, huey: Huey) -> None:
        self.huey = huey
        self._file: tuple[int, int] | None = None

    def mended(self) -> Huey:
        """Return the queue, its file made anew where it is gone.

        An open SQLite file that was deleted would go on to take tasks that no other process ever sees.
        """
        storage = self.huey.storage
        if isinstance(storage, SqliteStorage) and (self._file is None or self._file != _identity(storage.filename)):
            storage.close()
            storage.initialize_schema()
            self._file = _identity(storage.filename)
        return self.huey


class Bell:
    """Rings for the worker: there is something in the runs table to look at."""

    def __init__(self, huey: Huey) -> None:
        self._queue = Queue(huey)
        self._ring = register(huey, lambda: None)

    def look(self) -> None:
        """Ask a worker to look; without a queue it does so by itself within seconds."""
        try:
            self._queue.mended()
            self._ring()
        except Exception as error:  # noqa: BLE001 - each kind of queue raises its own
            log.warning("the queue cannot be reached (%s); the worker finds the run by itself", _line(error))


def _identity(filename: str) -> tuple[int, int] | None:
    """Return what tells a file from another one of the same name."""
    try:
        found = Path(filename).stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _line(error: Exception) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())
