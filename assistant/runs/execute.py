"""The worker's side of a run: train, measure, judge, draw, and store all of it in one transaction."""

import hashlib
import logging
import os
import re
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event, Lock
from time import monotonic, perf_counter
from typing import Any

from flask import Flask, current_app
from sqlalchemy.exc import DBAPIError

from assistant.database import explained
from assistant.runs import worker_queries
from assistant.runs.tables import FigureRow
from assistant.runs.verdicts import judge

log = logging.getLogger(__name__)
TRIES = 3  # to store a result; each waits for the database as long as a busy one is waited for
_drawing = Lock()  # matplotlib's settings and caches are the whole process'


class StoppedError(Exception):
    """The worker was told to stop."""


class LostError(Exception):
    """The run is no longer this worker's: it was put back, or is another's by now."""


@dataclass
class Doing:
    """What this process is at: written by the thread that executes runs, read by those around it."""

    task: worker_queries.Task | None = None
    share: float = 0.0
    moved: float = field(default_factory=monotonic)  # when the run last came forward
    lost: bool = False  # set by whoever finds that the run is no longer this worker's
    busy: Event = field(default_factory=Event)  # from the first claim until no run waits

    def begin(self, task: worker_queries.Task) -> None:
        """Take note of a run that was just claimed."""
        self.lost, self.share, self.moved = False, 0.0, monotonic()
        self.task = task
        self.busy.set()

    def forward(self, share: float) -> None:
        """Take note that the run came forward."""
        self.share, self.moved = share, monotonic()


def worker_name() -> str:
    """Return this process' name among workers."""
    return f"{socket.gethostname()}:{os.getpid()}"


def look(app: Flask, stopping: Callable[[], bool], doing: Doing | None = None) -> int:
    """Execute every run that waits; return how many were finished."""
    doing, finished = doing or Doing(), 0
    try:
        while not stopping():
            with app.app_context():
                task = worker_queries.claim_next(worker_name())
                if task is None:
                    break
                doing.begin(task)
                try:
                    finished += execute(task, stopping, doing)
                finally:
                    doing.task = None
    finally:
        doing.busy.clear()
    return finished


def execute(task: worker_queries.Task, stopping: Callable[[], bool], doing: Doing) -> bool:
    """Execute a claimed run; return whether its result was stored. No transaction is open while it trains."""
    from models import registry  # noqa: PLC0415 - only the worker and the library's commands load the experiments
    from models.experiment import COST_LIMIT, BadInputError  # noqa: PLC0415

    def progress(share: float) -> None:
        doing.forward(share)
        if stopping():
            raise StoppedError
        if doing.lost:
            raise LostError

    try:
        experiment = registry.find(task.experiment)
        limit = current_app.config["SETTINGS"].run_cost_limit if task.varied else COST_LIMIT
        hyperparameters = experiment.check(task.hyperparameters, task.networks, task.seed, limit)
        result = experiment.execute(hyperparameters, networks=task.networks, seed=task.seed, progress=progress)
        began, figures = perf_counter(), []
        for figure in experiment.figures(result):
            figures.append((figure, drawn(figure)))
            progress(1.0)
        result.seconds["figures"] = round(perf_counter() - began, 4)
        told = result.to_json()
        values = {key: told[key] for key in ("setup", "findings", "seconds", "versions")}
        values |= {"verdicts": judge(task.claims, told["findings"]), "code": registry.code_hash(task.experiment)}
        return _stored(task, values, figures)
    except StoppedError:
        worker_queries.put_back(task)
    except LostError:
        log.warning("run %s was put back meanwhile; what this worker found is dropped", task.id)
    except BadInputError as error:
        worker_queries.fail(task, str(error))
    except DBAPIError as error:
        # Nothing can be recorded now. Without a heartbeat the run is put back, or failed after its last attempt.
        log.error("run %s could not be stored: %s", task.id, explained(error))
    except Exception as error:
        log.exception("run %s failed", task.id)
        worker_queries.fail(task, f"{type(error).__name__} while it was trained; the worker's log has more")
    return False


def _stored(task: worker_queries.Task, values: dict[str, Any], figures: list[tuple[Any, bytes]]) -> bool:
    """Store a result; a database that is busy for long is asked again before the work is thrown away."""
    for left in reversed(range(TRIES)):
        try:
            rows = [_row(task.id, at, figure, svg) for at, (figure, svg) in enumerate(figures)]
            if worker_queries.finish(task, values, rows):
                return True
            raise LostError
        except DBAPIError as error:
            if not left:
                raise
            log.warning("run %s is stored again: %s", task.id, explained(error))
    return False


def drawn(figure: Any) -> bytes:  # noqa: ANN401 - web processes never load its type
    """Return a figure as SVG."""
    from models.figures import style  # noqa: PLC0415

    with _drawing:
        return style.svg(figure)


def _row(run_id: str, position: int, figure: Any, svg: bytes) -> FigureRow:  # noqa: ANN401
    size = re.search(rb'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)
    width, height = (round(float(part)) for part in size.groups()) if size else (0, 0)
    return FigureRow(
        run_id=run_id,
        position=position,
        name=figure.name,
        title=figure.title,
        caption=figure.caption,
        alternative=figure.alternative,
        columns=list(figure.table.columns),
        rows=[list(row) for row in figure.table.rows],
        width=width,
        height=height,
        digest=hashlib.sha256(svg).hexdigest(),
        svg=svg,
    )
