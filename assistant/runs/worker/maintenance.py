"""Maintenance: what a worker does while no run waits."""

import os
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress

from assistant.runs import queue
from assistant.runs.worker.outage import Outage
from assistant.runs.worker.watchdog import Deadline
from assistant.runs.worker.worker_state import WorkerState

INTERVAL = 0.5  # seconds between looks for what there is to do
LOWEST_PRIORITY = 19  # the niceness of the thread, which gets the least of the cores

MaintenanceTask = Callable[[], bool]  # Does one small piece of work that can wait, and says whether there was one.


def run_maintenance(
    worker: WorkerState, tasks: Sequence[MaintenanceTask], deadline: Deadline, first: Sequence[MaintenanceTask] = ()
) -> None:
    """Do what can wait, a piece at a time and only while no run does.

    A task that fails is tried again, and more and more seldom, as each try may start a process. Of several workers one
    does it for all. What is to be done ``first`` waits for nothing, is done once, and has the priority of a run. Beside
    all else a run gets most of the cores: on Linux, each thread has a priority of its own.
    """
    outages = {task: Outage(f"{task.__name__} failed") for task in (*first, *tasks)}
    for task in first:
        with outages[task].tolerated(), worker.app.app_context():
            task()
        deadline.extend()
    if sys.platform == "linux":
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), LOWEST_PRIORITY)
    while not worker.stopping.wait(INTERVAL):
        for task in tasks:
            more, outage = True, outages[task]
            while more and worker.idle and outage.is_to_be_tried:
                more = False
                deadline.extend()
                with outage.tolerated(), worker.app.app_context():
                    more = queue.leader() == worker.name and task()
        deadline.extend()
