"""The worker's side of a run: train, measure, judge, draw, and store all of it in one transaction."""

import hashlib
import logging
import os
import re
import socket
from collections.abc import Callable
from time import monotonic, perf_counter
from typing import Any

from flask import Flask

from assistant.database import db
from assistant.runs import queries
from assistant.runs.tables import FigureRow
from assistant.runs.verdicts import judge

log = logging.getLogger(__name__)
BEAT = 1.0  # seconds between heartbeats


class StoppedError(Exception):
    """The worker was told to stop, or another has taken its run."""


def worker_name() -> str:
    """Return this process' name among workers."""
    return f"{socket.gethostname()}:{os.getpid()}"


def look(app: Flask, stopping: Callable[[], bool]) -> int:
    """Execute every run that waits; return how many were finished."""
    finished = 0
    while not stopping():
        with app.app_context():
            task = queries.claim_next(worker_name())
            if task is None:
                return finished
            finished += execute(app, task, stopping)
    return finished


def execute(app: Flask, task: queries.Task, stopping: Callable[[], bool]) -> bool:
    """Execute a claimed run; return whether its result was stored."""
    from models import registry  # noqa: PLC0415 - only the worker and the library's commands load the experiments
    from models.experiment import BadInputError  # noqa: PLC0415

    run_id, worker, last = task.id, worker_name(), monotonic()

    def progress(share: float) -> None:
        nonlocal last
        if stopping():
            raise StoppedError
        if monotonic() - last >= BEAT:
            last = monotonic()
            with app.app_context():  # training reports from threads of its own
                if not queries.beat(run_id, worker, share):
                    raise StoppedError

    try:
        experiment = registry.find(task.experiment)
        hyperparameters = experiment.check(task.hyperparameters, task.networks, task.seed)
        result = experiment.execute(hyperparameters, networks=task.networks, seed=task.seed, progress=progress)
        began = perf_counter()
        figures = [_row(run_id, at, figure) for at, figure in enumerate(experiment.figures(result))]
        result.seconds["figures"] = round(perf_counter() - began, 4)
        told = result.to_json()
        values = {key: told[key] for key in ("setup", "findings", "seconds", "versions")}
        values |= {"verdicts": judge(task.claims, told["findings"]), "code": registry.code_hash(task.experiment)}
        return queries.finish(run_id, worker, values, figures)
    except StoppedError:
        queries.put_back(run_id, worker)
        return False
    except BadInputError as error:
        db.session.rollback()
        queries.fail(run_id, worker, str(error))
        return False
    except Exception as error:
        log.exception("run %s failed", run_id)
        db.session.rollback()
        queries.fail(run_id, worker, f"{type(error).__name__} while it was trained; the worker's log has more")
        return False


def _row(run_id: str, position: int, figure: Any) -> FigureRow:  # noqa: ANN401 - web processes never load its type
    from models.figures import style  # noqa: PLC0415

    svg = style.svg(figure)
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
