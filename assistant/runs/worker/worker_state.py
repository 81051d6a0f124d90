"""What the threads of a worker share: its state, and the run that is being executed."""

import os
import socket
from collections import Counter
from dataclasses import dataclass, field
from threading import Event
from time import monotonic

from flask import Flask

from assistant.library.configurations import Configuration
from assistant.runs.queue import Task
from assistant.runs.tables import LOADING, STALLED, WARM
from assistant.runs.worker.drawing import Drawing
from assistant.runs.worker.watchdog import Deadline

MOST_PREEMPTIONS = 3  # of a run, so that it comes to its end however many ask


class StoppedError(Exception):
    """The worker is being shut down."""


class LostError(Exception):
    """The run is no longer this worker's: it was put back, or is another's by now."""


class PreemptedError(Exception):
    """The run makes room for one whose turn is sooner."""


@dataclass
class CurrentRun:
    """The run that is being executed, if any, and how far it is: written by the thread that executes it."""

    stopping: Event
    deadline: Deadline = field(default_factory=Deadline)  # of the thread that executes it
    busy: Event = field(default_factory=Event)  # from the first claim until no run waits
    task: Task | None = None
    progress: float = 0.0
    lost: bool = False  # set by the heartbeat, which learns that the run is no longer this worker's
    preempted: Task | None = None  # set by the heartbeat, which sees who waits
    may_be_preempted: bool = True
    _began: float = 0.0
    _preemptions: Counter[str] = field(default_factory=Counter)  # of runs that have not come to their end

    def begin(self, task: Task) -> None:
        """Note a run that was just claimed."""
        self.lost, self.progress = False, 0.0
        self.may_be_preempted = self._preemptions[task.id] < MOST_PREEMPTIONS
        self._began = monotonic()
        self.task = task
        self.busy.set()

    def end(self) -> None:
        """Note that the run is over, or was left."""
        if self.task is not None and self.progress >= 1:
            del self._preemptions[self.task.id]
        self.task = None

    def advance(self, progress: float) -> None:
        """Note how far the run is, and leave it when it must be left.

        Raises:
            StoppedError: the worker is being shut down.
            LostError: the run is no longer this worker's.
            PreemptedError: it makes room for another one, unless its training is done.
        """
        self.progress = progress
        self.deadline.extend()
        if self.stopping.is_set():
            raise StoppedError
        if self.lost:
            raise LostError
        if self.task is not None and self.preempted is self.task and progress < 1:
            self._preemptions[self.task.id] += 1
            raise PreemptedError

    @property
    def remaining(self) -> float:
        """The seconds that the run still takes as it went until now; before its first report, as long as it took."""
        spent, progress = monotonic() - self._began, self.progress
        return spent * (1 - progress) / progress if progress > 0 else spent


class WorkerState:
    """The state of one worker process."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.name = f"{socket.gethostname()}:{os.getpid()}"
        self.phase = LOADING
        self.stalled = False
        self.stopping = Event()
        self.looked = Event()  # set once the runs table was looked at
        self.current = CurrentRun(self.stopping)
        self.executed: list[Configuration] = []  # whose programs are compiled and whose figures were drawn
        self.drawing = Drawing(app)

    @property
    def state(self) -> str:
        """What others are told of this worker."""
        return STALLED if self.stalled else self.phase

    @property
    def idle(self) -> bool:
        """Whether there is nothing to do but what can wait."""
        return self.phase == WARM and not self.stopping.is_set() and not self.current.busy.is_set()
