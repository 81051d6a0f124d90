"""The task queue, chosen by one setting. It only says "look": the runs table holds what there is to do."""

import logging

from huey import Huey, PostgresHuey, RedisHuey, SqliteHuey

from assistant.config import BadSettingError, Settings

log = logging.getLogger(__name__)

LOOK = "look"


def make(settings: Settings) -> Huey:
    """Return the queue that ``settings`` choose; SQLite in a file of its own unless QUEUE_URL names another.

    Raises:
        BadSettingError: QUEUE_URL names a kind of queue that is not known.
    """
    url = settings.queue_url
    if not url:
        return SqliteHuey("askneuron", filename=str(settings.data_dir / "queue.sqlite"), results=False)
    scheme = url.partition("://")[0]
    if scheme in {"redis", "rediss"}:
        return RedisHuey("askneuron", url=url, results=False)
    if scheme in {"postgres", "postgresql"}:
        return PostgresHuey("askneuron", dsn=url, results=False)
    raise BadSettingError(f"setting QUEUE_URL: must begin with redis:// or postgresql://, not {scheme!r}")


class Bell:
    """Rings for the worker: there is something in the runs table to look at."""

    def __init__(self, huey: Huey) -> None:
        self._ring = huey.task(name=LOOK)(lambda: None)

    def look(self) -> None:
        """Ask a worker to look; a queue that cannot be reached only delays the run until the next sweep."""
        try:
            self._ring()
        except Exception:
            log.exception("the queue cannot be reached; the worker's next sweep will find the run")
