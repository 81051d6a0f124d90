"""Figures are drawn after a run's numbers are stored, by a process of its own, so that they keep no run waiting.

The result travels to that process, which never loads TensorFlow. Where a worker ends before the figures are there, the
run is repeated from its seed, to the last bit, and drawn again.
"""

import hashlib
import logging
import math
import os
import re
import threading
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from heapq import heappop, heappush
from itertools import count
from time import perf_counter
from typing import Any

import cloudpickle
from flask import Flask
from sqlalchemy.exc import DBAPIError

from assistant.database import explain_error, reading, writing
from assistant.runs import figure_queries, queries
from assistant.runs.tables import THUMBNAIL, FigureRow
from assistant.runs.turns import UNASKED
from assistant.runs.worker.child_process import ChildProcess
from assistant.runs.worker.watchdog import Deadline

log = logging.getLogger(__name__)
TRIES = 3  # of a run's figures, by one worker
NICENESS = 10  # of the process that draws, which gives way to training
UNFINISHED = 20.0  # seconds after which figures that nobody draws are taken up again
DRAWING_LIMIT = 120.0  # seconds in which the process that draws must come forward with the next run's figures


@dataclass(frozen=True)
class Drawn:
    """A run's figures as columns of their rows, and how many seconds they took."""

    figures: list[dict[str, Any]]
    seconds: float


@dataclass(frozen=True, order=True)
class Job:
    """A packed result whose figures are to be drawn, the lowest turn first; of no run in a rehearsal."""

    turn: float
    number: int
    run_id: str | None = field(compare=False)
    packed: bytes = field(compare=False)


class Drawing:
    """The process that draws, as its worker sees it: it gets one result at a time, readers' first."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._process = ChildProcess(partial(os.nice, NICENESS))
        self._tries: dict[str, int] = {}  # of the runs that are being drawn, or were given up
        self._under_way: set[str] = set()  # the runs whose figures the process has yet to draw, or this one to store
        self._lock = threading.RLock()  # over the backlog, the process, and what it draws
        self._backlog: list[Job] = []  # a heap
        self._numbers = count()
        self._drawn: Job | None = None  # what the process draws now
        self._deadline = Deadline(DRAWING_LIMIT)
        self._stopped = False

    @property
    def idle(self) -> bool:
        """Whether the process has nothing to draw."""
        return self._drawn is None

    def submit(self, run_id: str, result: Any, turn: float = UNASKED) -> None:  # noqa: ANN401 - web processes never load its type
        """Let the figures of a stored result be drawn and stored, in the turn of its run."""
        self._tries[run_id] = self._tries.get(run_id, 0) + 1
        self._add(turn, run_id, result)

    def rehearse(self, result: Any) -> None:  # noqa: ANN401
        """Let figures be drawn that nobody needs, so that fonts and caches are there when somebody does."""
        self._add(math.inf, None, result)

    def _add(self, turn: float, run_id: str | None, result: Any) -> None:  # noqa: ANN401
        try:
            packed = cloudpickle.dumps(result)
        except Exception:  # The run itself is stored; `take_up` tries again.
            log.exception("the figures of run %s cannot be drawn now", run_id)
            return
        with self._lock:
            if self._stopped:
                return
            if run_id is not None:
                self._under_way.add(run_id)
            heappush(self._backlog, Job(turn, next(self._numbers), run_id, packed))
            self._hand_over()

    def _hand_over(self) -> None:
        """Give the process what comes next, where it has nothing to draw; the lock is held."""
        while self._backlog and self._drawn is None:
            job = heappop(self._backlog)
            self._deadline.extend()
            try:
                future = self._process.submit(draw, job.packed)
            except Exception:
                log.exception("the figures of run %s cannot be drawn now", job.run_id)
                self._under_way.discard(job.run_id or "")
                continue
            self._drawn = job
            future.add_done_callback(partial(self._finish, job))

    def take_up(self) -> bool:
        """Repeat a run whose figures were left undrawn, and draw them; say whether there was one.

        A maintenance task: its worker was killed, or the process that drew. One that hangs is ended.
        """
        from models import registry  # noqa: PLC0415 - only the worker and the library load experiments
        from models.code import code_hash  # noqa: PLC0415

        if not self.idle and self._deadline.overdue:
            log.error("the process that draws has not come forward for %s, and is ended", self._deadline)
            self._process.end()
            return False
        with reading():
            run = queries.left_undrawn(timedelta(seconds=UNFINISHED), self._under_way)
        if run is None:
            return False
        if self._tries.get(run.id, 0) >= TRIES or run.code != code_hash(run.experiment):
            with writing():
                store(run.id, None)
            return True
        experiment = registry.find(run.experiment)
        hyperparameters = experiment.validate(run.hyperparameters, run.networks, run.seed)
        self.submit(run.id, experiment.execute(hyperparameters, networks=run.networks, seed=run.seed), run.turn)
        return True

    def stop(self) -> None:
        """End the process for good; what it had to draw is taken up by the next worker."""
        with self._lock:
            self._stopped = True
            self._backlog.clear()
        self._process.end()

    def _finish(self, job: Job, future: Future[Drawn]) -> None:
        """Hand the next result over, and store what was drawn; this is called by a thread of the pool."""
        with self._lock:
            self._drawn = None
            self._hand_over()
        if job.run_id is None:
            return
        try:
            self._store(job.run_id, future)
        finally:
            self._under_way.discard(job.run_id)

    def _store(self, run_id: str, future: Future[Drawn]) -> None:
        error = future.exception()  # To raise it here would tie the ended process's pool to it, and keep that.
        if isinstance(error, BrokenProcessPool):
            log.warning("the process that draws has ended; the figures of run %s are drawn again", run_id)
            return
        if error is not None:
            log.error("the figures of run %s cannot be drawn", run_id, exc_info=error)
        drawn = future.result() if error is None else None
        try:
            with self._app.app_context(), writing():
                store(run_id, drawn)
        except DBAPIError as error:
            log.warning(
                "the figures of run %s could not be stored: %s; they are drawn again", run_id, explain_error(error)
            )


def store(run_id: str, drawn: Drawn | None) -> None:
    """Store a run's figures, or that they cannot be drawn; the caller commits."""
    if drawn is None:
        queries.note_drawing(run_id, failed=True)
    elif queries.note_drawing(run_id, seconds=drawn.seconds):
        figure_queries.add_figures(FigureRow(run_id=run_id, **each) for each in drawn.figures)


def draw(packed: bytes) -> Drawn:
    """Draw the figures of a packed result, in the process that draws."""
    from models import registry  # noqa: PLC0415 - only the worker and the library load experiments
    from models.figures import style  # noqa: PLC0415
    from models.figures.thumbnail import thumbnail  # noqa: PLC0415

    began = perf_counter()
    result = cloudpickle.loads(packed)
    experiment = registry.find(result.experiment)
    drawn = list(enumerate(experiment.figures(result)))
    if (small := thumbnail(list(experiment.watched(result).values()))) is not None:
        drawn.append((THUMBNAIL, small))
    figures = [_columns(at, figure, style.svg(figure)) for at, figure in drawn]
    return Drawn(figures, round(perf_counter() - began, 4))


def _columns(position: int, figure: Any, svg: bytes) -> dict[str, Any]:  # noqa: ANN401
    size = re.search(rb'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)
    width, height = (round(float(part)) for part in size.groups()) if size else (0, 0)
    return {
        "position": position,
        "name": figure.name,
        "title": figure.title,
        "caption": figure.caption,
        "alternative": figure.alternative,
        "columns": list(figure.table.columns),
        "rows": [list(row) for row in figure.table.rows],
        "width": width,
        "height": height,
        "digest": hashlib.sha256(svg).hexdigest(),
        "svg": svg,
    }
