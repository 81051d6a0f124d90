"""The worker's side of a run: train and measure, judge, draw, and store all of it in one transaction."""

import hashlib
import logging
import re
from collections.abc import Callable
from threading import Lock
from time import monotonic, perf_counter
from typing import Any, TypeVar

from flask import current_app
from sqlalchemy.exc import DBAPIError

from assistant.database import explained, is_outage
from assistant.runs import queue
from assistant.runs.queue import Task
from assistant.runs.tables import FigureRow
from assistant.runs.verdicts import judge
from assistant.runs.worker_state import CurrentRun, LostError, StoppedError

log = logging.getLogger(__name__)
STORE_WITHIN = 60.0  # seconds for which a database that cannot be used is asked again before a result is thrown away
PAUSE = 1.0  # seconds between two tries

R = TypeVar("R")
Drawing = tuple[Any, bytes]  # a figure of models/figures, whose type web processes never load, and its SVG

_drawing = Lock()  # matplotlib's settings and caches are the whole process'


def execute(task: Task, run: CurrentRun) -> None:
    """Execute a claimed run, and store its result or why there is none. No transaction is open while it trains."""
    try:
        reason = _failure(task, run)
        if reason is not None:
            _until_stored(lambda: queue.fail(task, reason), task, run)
    except StoppedError:
        queue.release(task)
    except LostError:
        log.warning("run %s was put back meanwhile; what this worker found is dropped", task.id)
    except DBAPIError as error:
        # Nothing can be recorded now. Without a heartbeat the run is put back, or failed after its last attempt.
        log.error("nothing could be stored of run %s: %s", task.id, explained(error))


def _failure(task: Task, run: CurrentRun) -> str | None:
    """Execute a run and store its result; return why there is none, or None where there is."""
    from models.experiment import BadInputError  # noqa: PLC0415 - only the worker and the library load experiments

    try:
        result = train(task, run)
        drawings = draw(task, result, run)
        store(task, outcome(task, result), drawings, run)
    except BadInputError as error:
        return str(error)
    except (StoppedError, LostError):
        raise
    except Exception as error:
        if is_outage(error):
            raise
        log.exception("run %s failed", task.id)
        return f"{type(error).__name__} while it was trained; the worker's log has more"
    return None


def train(task: Task, run: CurrentRun) -> Any:  # noqa: ANN401 - web processes never load its type
    """Train and measure what a run asks for, and return the result.

    Raises:
        BadInputError: the run asks for something that there is not, or for too much.
    """
    from models import registry  # noqa: PLC0415
    from models.experiment import COST_LIMIT  # noqa: PLC0415

    experiment = registry.find(task.experiment)
    limit = current_app.config["SETTINGS"].run_cost_limit if task.varied is not None else COST_LIMIT
    hyperparameters = experiment.check(task.hyperparameters, task.networks, task.seed, limit)
    return experiment.execute(hyperparameters, networks=task.networks, seed=task.seed, progress=run.advance)


def outcome(task: Task, result: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return what is stored of a result, its claims' verdicts included, as columns of the run."""
    from models.code import code_hash  # noqa: PLC0415

    report = result.to_json()
    values = {key: report[key] for key in ("setup", "findings", "seconds", "versions")}
    return values | {"verdicts": judge(task.claims, report["findings"]), "code": code_hash(task.experiment)}


def draw(task: Task, result: Any, run: CurrentRun) -> list[Drawing]:  # noqa: ANN401
    """Draw the figures of a result, and note in it how long that took."""
    from models import registry  # noqa: PLC0415

    began, drawings = perf_counter(), []
    for figure in registry.find(task.experiment).figures(result):
        drawings.append((figure, svg_of(figure)))
        run.advance(1.0)
    result.seconds["figures"] = round(perf_counter() - began, 4)
    return drawings


def svg_of(figure: Any) -> bytes:  # noqa: ANN401
    """Return a figure as SVG."""
    from models.figures import style  # noqa: PLC0415

    with _drawing:
        return style.svg(figure)


def store(task: Task, values: dict[str, Any], drawings: list[Drawing], run: CurrentRun) -> None:
    """Store a result; a database that cannot be used is asked again before the work is thrown away.

    Raises:
        LostError: the run is no longer this worker's.
        DBAPIError: the database could not be used for long.
    """

    def write() -> bool:
        return queue.finish(task, values, [_row(task.id, at, *drawing) for at, drawing in enumerate(drawings)])

    if not _until_stored(write, task, run):
        raise LostError


def _until_stored(write: Callable[[], R], task: Task, run: CurrentRun) -> R:
    """Write until the database takes it, for a while, and return what the writing returned."""
    end = monotonic() + STORE_WITHIN
    while True:
        try:
            return write()
        except DBAPIError as error:
            if monotonic() > end or not is_outage(error):
                raise
            log.warning("run %s is stored again: %s", task.id, explained(error))
        run.stopping.wait(PAUSE)
        run.advance(1.0)


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
