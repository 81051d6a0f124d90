"""The warm-up: every program of the library is compiled, and every figure drawn once, so that nobody waits for that."""

import logging

from assistant.database import reading
from assistant.library.configurations import Configuration
from assistant.library.queries import published_entries
from assistant.runs.tables import WARM
from assistant.runs.worker.outage import Outage
from assistant.runs.worker.watchdog import Deadline
from assistant.runs.worker.worker_state import StoppedError, WorkerState

log = logging.getLogger(__name__)


class _AsideError(Exception):
    """A run waits, and the warm-up has to step aside."""


def warm_up(worker: WorkerState, deadline: Deadline) -> None:
    """Warm up each experiment that the library asks for and that was not run meanwhile, while no run waits."""
    while not worker.looked.wait(0.1):
        deadline.extend()
        if worker.stopping.is_set():
            return
    try:
        for configuration in _configurations(worker, deadline):
            while configuration not in worker.executed and not _warm_up(worker, configuration, deadline):
                _wait_for_runs(worker, deadline)
    except StoppedError:
        return
    worker.phase = WARM
    log.info("worker warm: every program of the library is compiled, every figure was drawn once")


def _configurations(worker: WorkerState, deadline: Deadline) -> list[Configuration]:
    """Return the experiments of the published entries with their parameters, each once."""
    outage = Outage("the warm-up cannot begin")
    while True:
        with outage.tolerated(), worker.app.app_context(), reading():
            asked = [each for row in published_entries() if row.published for each in row.published.experiments]
            return [each for at, each in enumerate(asked) if each not in asked[:at]]
        deadline.extend()
        if worker.stopping.wait(1.0):
            raise StoppedError


def _wait_for_runs(worker: WorkerState, deadline: Deadline) -> None:
    """Wait until no run waits any more."""
    while worker.current.busy.is_set():
        deadline.extend()
        if worker.stopping.wait(0.1):
            raise StoppedError


def _warm_up(worker: WorkerState, configuration: Configuration, deadline: Deadline) -> bool:
    """Run an experiment for one step and let its figures be drawn; return False when a run came in between."""
    from models import registry  # noqa: PLC0415 - only the worker and the library load experiments
    from models.experiment import NETWORKS  # noqa: PLC0415

    def step_aside(_progress: float = 0.0) -> None:
        deadline.extend()
        if worker.stopping.is_set():
            raise StoppedError
        if worker.current.busy.is_set():
            raise _AsideError

    try:
        experiment = registry.find(configuration.experiment)
        short = {"steps": 1} if "steps" in experiment.parameters.model_fields else {}
        hyperparameters = experiment.validate({**configuration.hyperparameters, **short}, NETWORKS, 0)
        step_aside()
        result = experiment.execute(hyperparameters, seed=0, progress=step_aside)
        worker.drawing.rehearse(result)
    except _AsideError:
        return False
    except StoppedError:
        raise
    except Exception:
        log.exception("%s could not be compiled ahead of its first run", configuration.experiment)
    return True
