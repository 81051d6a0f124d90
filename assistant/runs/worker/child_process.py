"""A process beside the worker, for what would keep training waiting: it has its own interpreter, and priority."""

import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from multiprocessing import get_context
from time import sleep
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


class ChildProcess:
    """A process that does one thing after another; it is started when it is needed, and again when it has ended."""

    def __init__(self, prepare: Callable[[], object]) -> None:
        """Make what starts the process, which calls ``prepare`` first of all; both must be picklable."""
        self._prepare = prepare
        self._pool: ProcessPoolExecutor | None = None

    def submit(self, do: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> Future[R]:
        """Let the process call a function, when it has done what it got before.

        Its future raises BrokenProcessPool where the process ends before.
        """
        if self._pool is not None:
            try:
                return self._pool.submit(do, *args, **kwargs)
            except BrokenProcessPool:
                pass
        # TensorFlow does not survive a fork.
        pool = ProcessPoolExecutor(
            1, mp_context=get_context("spawn"), initializer=partial(_begin, os.getpid(), self._prepare)
        )
        future = pool.submit(do, *args, **kwargs)  # A pool whose process cannot be started would keep what it got.
        self._pool = pool
        return future

    def end(self) -> None:
        """End the process at once, whatever it does, and give back what the system keeps for it."""
        pool, self._pool = self._pool, None
        if pool is not None:
            for process in list((pool._processes or {}).values()):  # there is no other way to end it at once
                process.kill()
            pool.shutdown()


def _begin(worker: int, prepare: Callable[[], object]) -> None:
    """Set up the process: it ends with its worker, also when that is killed, and not by what is sent to both."""
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, signal.SIG_IGN)

    def watch() -> None:
        while os.getppid() == worker:
            sleep(1)
        os._exit(0)

    threading.Thread(target=watch, name="watch", daemon=True).start()
    prepare()
