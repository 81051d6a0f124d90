"""The worker process: one thread executes runs, one gives signs of life and sweeps, one loads and warms TensorFlow.

The main thread only waits for the word to stop, so that it hears it at any moment, also while TensorFlow is loaded.
"""

import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from time import monotonic
from types import FrameType
from typing import Any

from flask import Flask
from huey.consumer import Consumer, Scheduler, Worker
from sqlalchemy.exc import DBAPIError

from assistant import queue
from assistant.database import behind, db, explained, reading, writing
from assistant.errors import UnavailableError
from assistant.library.queries import published, store_experiments
from assistant.runs import queries, worker_queries
from assistant.runs.execute import Doing, StoppedError, drawn, look, worker_name
from assistant.runs.tables import LOADING, WARM, WARMING

log = logging.getLogger(__name__)
BEAT = 1.0  # seconds between signs of life, and between looks for runs whose worker is gone
PATROL = 2.0  # seconds after which the runs table is looked at although nobody rang
HANGS = 120.0  # seconds without progress after which a run no longer counts as alive
FAREWELL = 3.0  # seconds for a run that is under way to stop by itself; honcho kills after five
LEISURE = 0.5  # seconds between looks for what can be done while no run waits
LAST = 19  # the niceness of the thread that does it, which gets the least of the cores

Chore = Callable[[], bool]  # Does one small piece of work that can wait, and says whether there was one to do.


class Post:
    """One worker process: what its threads share."""

    def __init__(self, app: Flask, chores: Sequence[Chore] = ()) -> None:
        self.app = app
        self.chores = chores
        self.name = worker_name()
        self.state = LOADING
        self.stop = threading.Event()
        self.failed = False
        self.doing = Doing()
        self.huey = queue.make(app.config["SETTINGS"])
        self.queue = queue.Queue(self.huey)
        queue.register(self.huey, self.look)
        self.consumer = _Consumer(self)

    def look(self) -> None:
        """Execute what waits."""
        look(self.app, self.stop.is_set, self.doing)

    def working(self) -> None:
        """Load the experiments, take up the work, then compile and draw ahead of the first runs."""
        from models.loading import load_engine  # noqa: PLC0415 - only the worker may load the experiments

        try:
            with self.app.app_context():
                _prepare_library()
            load_engine()
            self.state = WARMING
            self.consumer.start()
            log.info("worker ready for runs")
            self._warm()
        except StoppedError:
            pass
        except DBAPIError as error:
            self._give_up(explained(error))
        except Exception:
            log.exception("the worker cannot go on")
            self._give_up("see above")

    def _give_up(self, reason: str) -> None:
        log.error("the worker stops: %s", reason)
        self.failed = True
        self.stop.set()

    def _warm(self) -> None:
        """Compile the library's programs and draw each figure once, so that nobody waits for that."""
        with self.app.app_context():
            wanted = [(row.published.experiment, row.published.hyperparameters) for row in published() if row.published]
        for at, (name, values) in enumerate(wanted):
            if (name, values) in wanted[:at]:
                continue
            done = False
            while not done:
                while not self.consumer.looked.wait(0.1) or self.doing.busy.is_set():
                    if self.stop.wait(0.1):
                        raise StoppedError
                try:
                    done = self._warmed(name, values)
                except StoppedError:
                    raise
                except Exception:
                    log.exception("%s could not be compiled ahead of its first run", name)
                    done = True
        self.state = WARM
        log.info("worker warm: every program of the library is compiled, every figure was drawn once")

    def _warmed(self, name: str, values: dict[str, Any]) -> bool:
        """Run an experiment for one step and draw its figures; return False when a run came in between."""
        from models import registry  # noqa: PLC0415
        from models.experiment import NETWORKS  # noqa: PLC0415

        def aside(_share: float = 0.0) -> None:
            if self.stop.is_set():
                raise StoppedError
            if self.doing.busy.is_set():
                raise _AsideError

        experiment = registry.find(name)
        short = {"steps": 1} if "steps" in experiment.parameters.model_fields else {}
        try:
            result = experiment.execute(experiment.check({**values, **short}, NETWORKS, 0), seed=0, progress=aside)
            for figure in experiment.figures(result):
                aside()
                drawn(figure)
        except _AsideError:
            return False
        return True

    def tidying(self) -> None:
        """Do what can wait, a piece at a time and only while no run does; a chore that fails is tried again later.

        A run that comes in meanwhile gets most of the cores: on Linux, each thread has a priority of its own.
        """
        if sys.platform == "linux":
            with suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), LAST)
        troubled: set[Chore] = set()
        while not self.stop.wait(LEISURE):
            for chore in self.chores:
                try:
                    while self._idle() and self._done(chore):
                        troubled.discard(chore)
                except Exception:
                    if chore not in troubled:
                        log.exception("what was left for later could not be done; it is tried again")
                    troubled.add(chore)

    def _idle(self) -> bool:
        return self.state == WARM and not self.stop.is_set() and not self.doing.busy.is_set()

    def _done(self, chore: Chore) -> bool:
        with self.app.app_context():
            return chore()

    def living(self) -> None:
        """Give signs of life until told to stop: the process' own, and the run's as long as it comes forward."""
        troubled = False
        while not self.stop.is_set():
            try:
                with self.app.app_context():
                    self._sign()
                    if (found := worker_queries.sweep(_gone())) > 0:
                        log.warning("%d runs of workers that are gone were put back or failed", found)
                troubled = False
            except DBAPIError as error:
                if not troubled:
                    log.error("no sign of life: %s", explained(error))
                troubled = True
            except Exception:
                log.exception("no sign of life")
            self.stop.wait(BEAT)

    def _sign(self) -> None:
        worker_queries.sign_of_life(self.name, self.state)
        task, still = self.doing.task, monotonic() - self.doing.moved
        if task is None:
            return
        if still > HANGS:
            log.error("run %s has not come forward for %.0f s; it no longer counts as alive", task.id, still)
        elif not worker_queries.beat(task, self.doing.share) and self.doing.task is task:
            self.doing.lost = True


class _AsideError(Exception):
    """A run waits, and compiling ahead has to step aside."""


class _Listener(Worker):  # type: ignore[misc]
    """Huey's worker, which also looks without being rung, and goes on calmly when its queue cannot be used."""

    def __init__(self, post: Post, **options: Any) -> None:  # noqa: ANN401
        super().__init__(**options)
        self._post = post
        self._next, self._troubled = 0.0, False

    def loop(self, now: Any = None) -> None:  # noqa: ANN401, ARG002
        """Take one task off the queue and do it; look at the runs table when that was not done for a while."""
        try:
            task = self._post.queue.mended().dequeue()
            self._troubled = False
        except Exception as error:  # noqa: BLE001 - each kind of queue raises its own, and none may stop the worker
            task = None
            if not self._troubled:
                log.warning("the queue cannot be used (%s); the runs table is looked at instead", error)
            self._troubled = True
        if task is not None:
            self.huey.execute(task)
        elif monotonic() >= self._next:
            try:
                self._post.look()
            except DBAPIError as error:
                log.error("no run can be taken: %s", explained(error))
            except Exception:
                log.exception("no run can be taken")
        elif self._troubled or not self.huey.storage.blocking:
            self.sleep()
            return
        self._post.consumer.looked.set()
        self._next = monotonic() + PATROL


class _Idle(Scheduler):  # type: ignore[misc]
    """Huey's scheduler, for a queue in which nothing is ever scheduled."""

    def loop(self, now: Any = None) -> None:  # noqa: ANN401, ARG002
        """Do nothing until the end."""
        self.stop_flag.wait()


class _Consumer(Consumer):  # type: ignore[misc]
    """Huey's consumer, inside a process that hears signals by itself."""

    scheduler_class = _Idle

    def __init__(self, post: Post) -> None:
        self._post = post
        self.looked = threading.Event()
        super().__init__(post.huey, workers=1, periodic=False, initial_delay=0.02, backoff=1.0, max_delay=0.1)

    def _create_worker(self) -> _Listener:
        return _Listener(
            self._post,
            huey=self.huey,
            stop_flag=self.stop_flag,
            default_delay=self.default_delay,
            max_delay=self.max_delay,
            backoff=self.backoff,
        )

    def _set_signal_handlers(self) -> None:
        """Leave the signals alone."""


def serve(app: Flask, chores: Sequence[Chore] = ()) -> None:
    """Execute runs until the process is told to stop; a run that is under way then is put back.

    Args:
        app: the service.
        chores: what is done while no run waits, each called in an application context of its own.

    Raises:
        UnavailableError: the database is not migrated.
    """
    with app.app_context():
        with reading():
            problem = behind(db.session.connection())
        if problem is not None:
            raise UnavailableError(problem)
    post = Post(app, chores)

    def told(_number: int, _frame: FrameType | None) -> None:
        post.stop.set()

    for each in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(each, told)
    with app.app_context():
        # What a process of this very name holds, such as process 7 of a container that was started anew, is not ours.
        worker_queries.sweep([post.name], timedelta(0))
    threading.Thread(target=post.living, name="signs-of-life", daemon=True).start()
    threading.Thread(target=post.working, name="work", daemon=True).start()
    threading.Thread(target=post.tidying, name="chores", daemon=True).start()
    post.stop.wait()
    _leave(post)


def _leave(post: Post) -> None:
    """End the process, and first put back what it still holds; nothing that hangs can keep it."""
    # An end by exit() would wait for compilers and trainers, or tear TensorFlow down under them.
    status = 1 if post.failed else 0
    threading.Timer(FAREWELL + 1.5, os._exit, (status,)).start()
    post.consumer.stop_flag.set()
    for _, thread in post.consumer.worker_threads:
        if thread.is_alive():
            thread.join(FAREWELL)
    try:
        with post.app.app_context():
            if worker_queries.leave(post.name):
                log.warning("the run did not stop by itself; it was put back")
    except DBAPIError as error:
        log.error("the run could not be put back: %s; the next sweep does it", explained(error))
    log.info("worker stopped")
    logging.shutdown()
    sys.stderr.flush()
    os._exit(status)


def _prepare_library() -> None:
    """Bring what is known of the experiments up to this code, and see to it that each entry has a run to show."""
    from models import registry  # noqa: PLC0415

    described = [registry.describe(name) for name in registry.names()]
    with writing():
        store_experiments(described)
        db.session.flush()
        for entry in queries.entries_without_runs():
            if entry.published is not None:
                queries.enqueue(entry.published)


def _gone() -> list[str]:
    """Return the workers of this host that hold runs although their process is gone."""
    prefix = f"{socket.gethostname()}:"
    found = []
    for name in worker_queries.running_under(prefix):
        try:
            os.kill(int(name.removeprefix(prefix)), 0)
        except ProcessLookupError:
            found.append(name)
        except (PermissionError, ValueError):
            continue
    return found
