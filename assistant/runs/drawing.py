"""Figures are drawn after a run's numbers are stored, by a process of its own, so that they keep no run waiting.

The result travels to that process, which never loads TensorFlow. Where a worker ends before the figures are there, the
run is repeated from its seed, to the last bit, and drawn again.
"""

import hashlib
import logging
import os
import re
import threading
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from multiprocessing import get_context
from time import perf_counter, sleep
from typing import Any

import cloudpickle
from flask import Flask
from sqlalchemy.exc import DBAPIError

from assistant.database import explain_error, reading, writing
from assistant.runs import figure_queries, queries
from assistant.runs.tables import THUMBNAIL, FigureRow
from assistant.runs.watchdog import Deadline

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


class Drawing:
    """The process that draws, as its worker sees it."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._pool: ProcessPoolExecutor | None = None
        self._tries: dict[str, int] = {}  # of the runs that are being drawn, or were given up
        self._under_way: set[str] = set()  # the runs whose figures the process has yet to draw, or this one to store
        self._deadline = Deadline(DRAWING_LIMIT)

    def submit(self, run_id: str, result: Any) -> None:  # noqa: ANN401 - web processes never load its type
        """Let the figures of a stored result be drawn and stored."""
        self._tries[run_id] = self._tries.get(run_id, 0) + 1
        if not self._under_way:
            self._deadline.extend()
        try:
            future = self._process().submit(draw, cloudpickle.dumps(result))
        except Exception:  # The run itself is stored; `take_up` tries again.
            log.exception("the figures of run %s cannot be drawn now", run_id)
            self._pool = None
            return
        self._under_way.add(run_id)
        future.add_done_callback(partial(self._finish, run_id))

    def rehearse(self, result: Any) -> None:  # noqa: ANN401
        """Let figures be drawn that nobody needs, so that fonts and caches are there when somebody does."""
        self._process().submit(draw, cloudpickle.dumps(result))

    def take_up(self) -> bool:
        """Repeat a run whose figures were left undrawn, and draw them; say whether there was one.

        A maintenance task: its worker was killed, or the process that drew. One that hangs is ended.
        """
        from models import registry  # noqa: PLC0415 - only the worker and the library load experiments
        from models.code import code_hash  # noqa: PLC0415

        if self._under_way and self._deadline.overdue:
            log.error("the process that draws has not come forward for %s, and is ended", self._deadline)
            self.stop()
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
        self.submit(run.id, experiment.execute(hyperparameters, networks=run.networks, seed=run.seed))
        return True

    def stop(self) -> None:
        """End the process; what it was drawing is taken up by the next worker."""
        if self._pool is not None:
            for process in list((self._pool._processes or {}).values()):  # there is no other way to end it at once
                process.kill()

    def _process(self) -> ProcessPoolExecutor:
        if self._pool is None:
            # TensorFlow does not survive a fork.
            self._pool = ProcessPoolExecutor(
                1, mp_context=get_context("spawn"), initializer=_begin, initargs=(os.getpid(),)
            )
        return self._pool

    def _finish(self, run_id: str, future: Future[Drawn]) -> None:
        """Store what was drawn; this is called by a thread of the pool."""
        self._deadline.extend()
        try:
            self._store(run_id, future)
        finally:
            self._under_way.discard(run_id)

    def _store(self, run_id: str, future: Future[Drawn]) -> None:
        try:
            drawn = future.result()
        except BrokenProcessPool:
            log.warning("the process that draws has ended; the figures of run %s are drawn again", run_id)
            self._pool = None
            return
        except Exception:
            log.exception("the figures of run %s cannot be drawn", run_id)
            drawn = None
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


def _begin(worker: int) -> None:
    """Set up the process that draws: it gives way to training, and ends with its worker, also when that is killed."""
    os.nice(NICENESS)

    def watch() -> None:
        while os.getppid() == worker:
            sleep(1)
        os._exit(0)

    threading.Thread(target=watch, name="watch", daemon=True).start()


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
