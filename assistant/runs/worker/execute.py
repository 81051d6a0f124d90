"""The worker's side of a run: train, measure, judge, and store; the figures follow, drawn by another process."""

import logging
from collections.abc import Callable
from time import monotonic
from typing import Any, TypeVar

from flask import current_app
from sqlalchemy.exc import DBAPIError

from assistant.database import explain_error, is_outage
from assistant.runs import queue
from assistant.runs.evidence.verdicts import judge
from assistant.runs.queue import Task
from assistant.runs.tables import ReplayRow
from assistant.runs.worker.recording import replay_of
from assistant.runs.worker.worker_state import CurrentRun, LostError, PreemptedError, StoppedError

log = logging.getLogger(__name__)
STORE_WITHIN = 60.0  # seconds for which a database that cannot be used is asked again before a result is thrown away
PAUSE = 1.0  # seconds between two tries

R = TypeVar("R")
Draw = Callable[[str, Any, float], None]  # lets the figures of a run's result be drawn, in its turn


def execute(task: Task, run: CurrentRun, draw: Draw) -> None:
    """Execute a claimed run, and store its result or why there is none. No transaction is open while it trains.

    ``draw`` lets the figures of a stored result be drawn.
    """
    try:
        reason = _failure(task, run, draw)
        if reason is not None:
            _until_stored(lambda: queue.fail(task, reason), task, run)
    except StoppedError:
        queue.release(task)
    except PreemptedError:
        queue.make_room(task)
    except LostError:
        log.warning("run %s was put back meanwhile; what this worker found is dropped", task.id)
    except DBAPIError as error:
        # Nothing can be recorded now. Without a heartbeat the run is put back, or failed after its last attempt.
        log.error("nothing could be stored of run %s: %s", task.id, explain_error(error))


def _failure(task: Task, run: CurrentRun, draw: Draw) -> str | None:
    """Execute a run and store its result; return why there is none, or None where there is."""
    from models.experiment import BadInputError  # noqa: PLC0415 - only the worker and the library load experiments

    try:
        result = train(task, run)
        store(task, outcome(task, result), replay_of(task.id, result), run)
        draw(task.id, result, task.turn)
    except BadInputError as error:
        return str(error)
    except (StoppedError, LostError, PreemptedError):
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
    hyperparameters = experiment.validate(task.hyperparameters, task.networks, task.seed, limit)
    return experiment.execute(hyperparameters, networks=task.networks, seed=task.seed, progress=run.advance)


def outcome(task: Task, result: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return what is stored of a result, its claims' verdicts included, as columns of the run."""
    from models.code import code_hash  # noqa: PLC0415

    report = result.to_json()
    values = {key: report[key] for key in ("setup", "findings", "seconds", "versions")}
    return values | {"verdicts": judge(task.claims, report["findings"]), "code": code_hash(task.experiment)}


def store(task: Task, values: dict[str, Any], replay: ReplayRow, run: CurrentRun) -> None:
    """Store a result; a database that cannot be used is asked again before the work is thrown away.

    Raises:
        LostError: the run is no longer this worker's.
        DBAPIError: the database could not be used for long.
    """
    if not _until_stored(lambda: queue.finish(task, values, replay), task, run):
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
            log.warning("run %s is stored again: %s", task.id, explain_error(error))
        run.stopping.wait(PAUSE)
        run.advance(1.0)
