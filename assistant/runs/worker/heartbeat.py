"""The heartbeat: a worker records that it is alive, renews its claim, and sweeps up after workers that are gone."""

import logging
import os
import socket
from collections.abc import Iterable
from time import monotonic

from assistant.runs import queue
from assistant.runs.queue import STALE, OwnedRun
from assistant.runs.turns import VARIED
from assistant.runs.worker.outage import Outage
from assistant.runs.worker.watchdog import Deadline
from assistant.runs.worker.worker_state import WorkerState

log = logging.getLogger(__name__)
HEARTBEAT_INTERVAL = 1.0  # seconds
SOON = 2.0  # A run that takes no longer than so many seconds is not preempted.


def send_heartbeats(worker: WorkerState, deadline: Deadline) -> None:
    """Record heartbeats and sweep until the worker stops; what fails is tried again at the next one."""
    steps = {
        _renew: Outage("the run's heartbeat failed"),
        preempt: Outage("who waits could not be seen"),
        _record: Outage("the worker's heartbeat failed"),
        Silence().sweep: Outage("the sweep failed"),
    }
    while not worker.stopping.is_set():
        for step, outage in steps.items():
            deadline.extend()
            with outage.tolerated(), worker.app.app_context():
                step(worker)
        worker.stopping.wait(HEARTBEAT_INTERVAL)


def _record(worker: WorkerState) -> None:
    """Record that the worker is alive, and its state."""
    queue.record_heartbeat(worker.name, worker.state)


class Silence:
    """How long the heartbeat of each run has not changed, by a clock that nobody sets."""

    def __init__(self) -> None:
        self._since: dict[OwnedRun, float] = {}

    def sweep(self, _worker: WorkerState) -> None:
        """Put back, or fail, the runs of workers that are gone."""
        owned = queue.owned_runs()
        self._since = {each: self._since.get(each, monotonic()) for each in owned}
        end = monotonic() - STALE.total_seconds()
        unchanged = [each for each, since in self._since.items() if since < end]
        if (swept := queue.sweep(_gone(owned), unchanged=unchanged)) > 0:
            log.warning("%d runs of workers that are gone were put back or failed", swept)


def _renew(worker: WorkerState) -> None:
    """Renew the claim of the run that is being executed, if there is one, or note that it was lost."""
    task = worker.current.task
    if task is not None and not queue.renew(task, worker.current.progress) and worker.current.task is task:
        worker.current.lost = True


def preempt(worker: WorkerState) -> None:
    """Let a long run that a learner varied, or nobody asked for, make room where an entry's own run is waited for."""
    run = worker.current
    task = run.task
    if task is None or task.turn < VARIED or not run.may_be_preempted or run.remaining <= SOON:
        return
    if queue.waits_before(VARIED):
        run.preempted = task


def _gone(owned: Iterable[OwnedRun]) -> list[str]:
    """Return the workers of this host that own runs although their process is gone."""
    prefix = f"{socket.gethostname()}:"
    gone = []
    for name in {each.worker for each in owned if each.worker is not None and each.worker.startswith(prefix)}:
        try:
            os.kill(int(name.removeprefix(prefix)), 0)
        except ProcessLookupError:
            gone.append(name)
        except (PermissionError, ValueError):
            continue
    return gone
