"""The worker process: its threads, the loop that takes runs, and its end.

One thread takes runs, one records heartbeats, one compiles ahead of the first runs, and one does what can wait. The
main thread only waits for the signal to stop, so that it hears it at any moment, also while TensorFlow is loaded; and
it watches the others: when one of them dies or hangs, the process ends, and whoever supervises it starts it anew.
"""

import faulthandler
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from time import monotonic
from types import FrameType

from flask import Flask
from sqlalchemy.exc import DBAPIError

from assistant.database import db, explain_error, migration_problem, reading, writing
from assistant.errors import UnavailableError
from assistant.library.configurations import Configuration
from assistant.library.queries import store_experiments
from assistant.runs import queries, queue
from assistant.runs.queue import Task
from assistant.runs.tables import WARMING
from assistant.runs.worker.execute import execute as execute_run
from assistant.runs.worker.heartbeat import send_heartbeats
from assistant.runs.worker.listening import listener
from assistant.runs.worker.maintenance import MaintenanceTask, run_maintenance
from assistant.runs.worker.outage import Outage
from assistant.runs.worker.warm_up import warm_up
from assistant.runs.worker.watchdog import Deadline, Watchdog
from assistant.runs.worker.worker_state import CurrentRun, WorkerState

log = logging.getLogger(__name__)
LOOK_INTERVAL = 1.0  # seconds after which the runs table is looked at although nobody told of a new run
RETRY_INTERVAL = 1.0  # seconds after a look that failed
WATCH_INTERVAL = 0.5  # seconds between looks at the threads
LAST_HEARTBEAT = 0.5  # seconds at least for a heartbeat that is under way
SHUTDOWN_TIMEOUT = 3.0  # seconds for a run that is under way to stop by itself; honcho kills after five
# Seconds in which a thread must come forward.
LOADING_LIMIT = 600.0  # TensorFlow comes from a disk that may be slow
RUN_LIMIT = 120.0
HEARTBEAT_LIMIT = 60.0  # a database that is busy keeps it waiting for ten
MAINTENANCE_LIMIT = 1_800.0  # learning everything anew takes minutes on a small machine
MAIN_LIMIT = 300.0


class Worker(WorkerState):
    """One worker process."""

    def __init__(
        self,
        app: Flask,
        maintenance: Sequence[MaintenanceTask] = (),
        first: Sequence[MaintenanceTask] = (),
        execute: Callable[[Task, CurrentRun], None] | None = None,
        end_maintenance: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__(app)
        self.watchdog = Watchdog()
        self._maintenance, self._first = (*maintenance, self.drawing.take_up), first
        self._end_maintenance = end_maintenance
        self._execute = execute or partial(execute_run, draw=self.drawing.submit)

    def start(self) -> tuple[threading.Thread, threading.Thread]:
        """Start the threads, and return the one that takes runs, and the one that sends heartbeats."""
        start = self.watchdog.start
        heartbeat = start("heartbeat", partial(send_heartbeats, self), Deadline(HEARTBEAT_LIMIT))
        start("warm-up", partial(warm_up, self), Deadline(LOADING_LIMIT))
        maintenance = partial(run_maintenance, self, self._maintenance, first=self._first)
        start("maintenance", maintenance, Deadline(MAINTENANCE_LIMIT))
        return start("runs", self._work, self.current.deadline), heartbeat

    def end_processes(self) -> threading.Thread:
        """Let a thread end the processes beside this one, which takes a moment where all cores are busy."""

        def end() -> None:
            self.drawing.stop()
            self._end_maintenance()

        thread = threading.Thread(target=end, name="end", daemon=True)
        thread.start()
        return thread

    def _work(self, deadline: Deadline) -> None:
        deadline.extend(LOADING_LIMIT)
        self.prepare()
        self.phase = WARMING
        log.info("worker ready for runs")
        deadline.extend(RUN_LIMIT)
        self.take_runs()

    def prepare(self) -> None:
        """Load the experiments, let the database know them, and let each experiment of an entry have a run to show."""
        from models import registry  # noqa: PLC0415 - only the worker and the library load experiments
        from models.loading import load_engine  # noqa: PLC0415

        described = [registry.describe(name) for name in registry.names()]
        outage = Outage("the worker cannot begin")
        while not self.stopping.is_set():
            with outage.tolerated(), self.app.app_context(), writing():
                store_experiments(described)
                db.session.flush()
                for revision, configuration in queries.without_runs():
                    queries.enqueue(revision, configuration)
                break
            self.stopping.wait(RETRY_INTERVAL)
        load_engine(self.app.config["SETTINGS"].compiled_dir)

    def take_runs(self) -> None:
        """Execute what waits, one run after another, until the worker is to stop."""
        with self.app.app_context():
            new_runs = listener(db.engine, self.stopping)
        outage = Outage("no run can be taken")
        while not self.stopping.is_set():
            self.current.deadline.extend()
            with outage.tolerated():
                if self._take_run():
                    self.stalled = False
                    continue
            self.current.busy.clear()
            self.stalled = outage.lasts
            if outage.lasts:
                self.stopping.wait(RETRY_INTERVAL)
            else:
                self.looked.set()
                new_runs.wait(LOOK_INTERVAL)
        new_runs.close()

    def _take_run(self) -> bool:
        """Claim a run and execute it; return False where none waits."""
        with self.app.app_context():
            task = queue.claim(self.name)
            if task is None:
                return False
            self.current.begin(task)
            try:
                self._execute(task, self.current)
            finally:
                self.current.end()
            done = Configuration.model_construct(experiment=task.experiment, hyperparameters=dict(task.hyperparameters))
            if task.varied is None and done not in self.executed:
                self.executed.append(done)
            return True


def serve(
    app: Flask,
    maintenance: Sequence[MaintenanceTask] = (),
    first: Sequence[MaintenanceTask] = (),
    end_maintenance: Callable[[], None] = lambda: None,
) -> None:
    """Execute runs until the process is told to stop; a run that is under way then is put back.

    Args:
        app: the service.
        maintenance: what is done while no run waits, each called in an application context of its own.
        first: what is done at once and only once, beside the loading and the first runs.
        end_maintenance: ends the process in which these are done, if they have one.

    Raises:
        UnavailableError: the database is not migrated.
    """
    with app.app_context():
        with reading():
            problem = migration_problem(db.session.connection())
        if problem is not None:
            raise UnavailableError(problem)
    run(Worker(app, maintenance, first, end_maintenance=end_maintenance))


def run(worker: Worker) -> None:
    """Let a worker work until it is told to stop, or until one of its threads is not well; then end the process."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        worker.stopping.set()

    for each in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(each, stop)
    with worker.app.app_context():
        # What a process of this very name holds, such as process 7 of a container that was started anew, is not ours.
        queue.sweep([worker.name], timedelta(0))
    runs_thread, heartbeat = worker.start()
    while not worker.stopping.wait(WATCH_INTERVAL):
        # Should the main thread itself be kept from running, this ends the process all the same.
        faulthandler.dump_traceback_later(MAIN_LIMIT, exit=True)
        if (fault := worker.watchdog.fault()) is not None:
            _abort(worker, fault)
    _shut_down(worker, runs_thread, heartbeat)


def _shut_down(worker: Worker, runs_thread: threading.Thread, heartbeat: threading.Thread) -> None:
    """End the process, and first put back what it still holds; nothing that hangs can keep it."""
    # An end by exit() would wait for compilers and trainers, or tear TensorFlow down under them.
    threading.Timer(SHUTDOWN_TIMEOUT + 1.5, os._exit, (0,)).start()
    end = monotonic() + SHUTDOWN_TIMEOUT
    ending = worker.end_processes()
    runs_thread.join(SHUTDOWN_TIMEOUT)
    # A heartbeat that came after the release would bring the worker's row back.
    heartbeat.join(max(end - monotonic(), LAST_HEARTBEAT))
    try:
        with worker.app.app_context():
            if queue.release_all(worker.name):
                log.warning("the run did not stop by itself; it was put back")
    except DBAPIError as error:
        log.error("the run could not be put back: %s; the next sweep does it", explain_error(error))
    ending.join()
    log.info("worker stopped")
    _exit(0)


def _abort(worker: Worker, fault: str) -> None:
    """End the process with status 1; a run that it holds is put back by the next sweep, and the attempt counts."""
    log.error("the worker ends: %s", fault)
    threading.Timer(SHUTDOWN_TIMEOUT, os._exit, (1,)).start()
    ending = worker.end_processes()
    faulthandler.dump_traceback(all_threads=True)
    worker.stalled = True
    worker.stopping.set()
    try:
        with worker.app.app_context():
            queue.record_heartbeat(worker.name, worker.state)
    except DBAPIError as error:
        log.error("the worker's state could not be stored: %s", explain_error(error))
    ending.join()
    _exit(1)


def _exit(status: int) -> None:
    logging.shutdown()
    sys.stderr.flush()
    os._exit(status)
