"""The process in which the worker lets maintenance be done: to draw cards and to learn phrasings takes whole cores.

In a thread of the worker the same work would hold the interpreter's lock for hundreds of milliseconds while a run waits
for it, whatever the thread's priority.
"""

import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from functools import partial, wraps
from pathlib import Path

from flask import Flask
from flask.cli import ScriptInfo

from assistant.runs.worker.child_process import ChildProcess
from assistant.runs.worker.maintenance import MaintenanceTask

_app: Flask | None = None  # in the process itself


class MaintenanceProcess:
    """What does maintenance tasks for a worker, one after another."""

    def __init__(self, app: str | None) -> None:
        """Name the app as ``flask --app`` does; None is the one that it finds by itself."""
        self._process = ChildProcess(partial(_load, app))
        self._ended = False

    def task(self, do: MaintenanceTask) -> MaintenanceTask:
        """Return a task that lets the process do another one, with the priority of the thread that waits for it."""

        @wraps(do)
        def in_process() -> bool:
            try:
                return not self._ended and self._process.submit(_do, do, _niceness()).result()
            except BrokenProcessPool:
                if self._ended:
                    return False
                raise

        return in_process

    def end(self) -> None:
        """End the process at once, with its worker; what it did is begun anew by the next one."""
        self._ended = True
        self._process.end()


def _load(app: str | None) -> None:
    global _app  # noqa: PLW0603 - a process has one
    _app = ScriptInfo(app).load_app()


def _do(task: Callable[[], bool], niceness: int) -> bool:
    """Do a task in the process."""
    if _app is None:
        raise RuntimeError("the process has no app")
    if sys.platform == "linux" and niceness > _niceness():
        for thread in Path("/proc/self/task").iterdir():  # those of libraries too, which compute
            with suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, int(thread.name), niceness)
    with _app.app_context():
        return task()


def _niceness() -> int:
    """Return the priority of the thread, which on Linux is its own."""
    return os.getpriority(os.PRIO_PROCESS, threading.get_native_id() if sys.platform == "linux" else 0)
