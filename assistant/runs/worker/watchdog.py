"""The watchdog over a process' threads: one that dies or hangs does not go unnoticed."""

import logging
import threading
from collections.abc import Callable
from time import monotonic

log = logging.getLogger(__name__)


class Deadline:
    """By when a thread must be heard of again."""

    def __init__(self, seconds: float = float("inf")) -> None:
        self._seconds = seconds
        self._end = monotonic() + seconds

    def extend(self, seconds: float | None = None) -> None:
        """Let the time begin anew; from now on it is so many ``seconds``, where they are given."""
        self._seconds = self._seconds if seconds is None else seconds
        self._end = monotonic() + self._seconds

    @property
    def overdue(self) -> bool:
        """Whether nothing was heard of the thread in time."""
        return monotonic() > self._end

    def __str__(self) -> str:
        return f"{self._seconds:g} s"


class Watchdog:
    """Starts threads, and knows whether all of them are well."""

    def __init__(self) -> None:
        self._watched: dict[str, Deadline] = {}
        self._died: dict[str, str] = {}

    def start(self, name: str, run: Callable[[Deadline], None], deadline: Deadline) -> threading.Thread:
        """Run a function in a thread of its own; it is well that it returns, and a fault when it raises."""

        def watch() -> None:
            try:
                run(deadline)
            except BaseException as error:
                log.exception("the thread of the %s has died", name)
                self._died[name] = type(error).__name__
            finally:
                del self._watched[name]

        self._watched[name] = deadline
        thread = threading.Thread(target=watch, name=name, daemon=True)
        thread.start()
        return thread

    def fault(self) -> str | None:
        """Say in one line which thread died or hangs; None when all are well."""
        for name, error in self._died.items():
            return f"the thread of the {name} has died ({error})"
        for name, deadline in list(self._watched.items()):
            if deadline.overdue:
                return f"the thread of the {name} has not come forward for {deadline}"
        return None
