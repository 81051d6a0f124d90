"""What takes long to make, made once for all processes of a test session: above all, runs of the experiments."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import cloudpickle
import pytest
from filelock import FileLock
from flask import Flask

from assistant.database import db, writing
from assistant.library.queries import store_experiments
from assistant.runs import queries, queue
from assistant.runs.worker import drawing
from assistant.runs.worker.execute import outcome
from assistant.runs.worker.recording import replay_of
from models import registry
from models.experiment import NETWORKS, Result

SEED = 20_260

# A worker's command that compiles no program before a run asks for it; what was stored needs none.
COLD = (
    "-c",
    "from flask.cli import main; from assistant.runs.worker import warm_up\n"
    "warm_up._configurations = lambda *_: []\n"
    "main()",
)


@contextmanager
def made_once(place: Path) -> Iterator[bool]:
    """Say whether a file or folder is still to be made; while one process makes it, the others wait."""
    done = place.with_name(f"{place.name}.done")
    with FileLock(f"{place}.lock"):
        if done.exists():
            yield False
        else:
            yield True
            done.touch()


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all processes of the tests share."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "shared"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def trained(shared: Path) -> "Trained":
    """What all processes of the tests have trained and drawn by now."""
    return Trained(shared)


@dataclass(frozen=True)
class Trained:
    """Results of experiments and their figures, in files of a folder that all processes of the tests share."""

    folder: Path

    def run(self, experiment: str, values: Mapping[str, Any]) -> tuple[Result, list[float]]:
        """Return a run of 64 networks and its progress, as trained by the first process that asked for it."""
        file = self._file("run", experiment, values)
        with made_once(file) as new:
            if new:
                found, progress = registry.find(experiment), list[float]()
                hyperparameters = found.validate(values, NETWORKS, SEED)
                result = found.execute(hyperparameters, networks=NETWORKS, seed=SEED, progress=progress.append)
                file.write_bytes(cloudpickle.dumps((result, progress)))
        kept: tuple[Result, list[float]] = cloudpickle.loads(file.read_bytes())
        return kept

    def drawn(self, experiment: str, values: Mapping[str, Any]) -> drawing.Drawn:
        """Return that run's figures, as drawn by the first process that asked for them."""
        result, _ = self.run(experiment, values)
        file = self._file("drawn", experiment, values)
        with made_once(file) as new:
            if new:
                file.write_bytes(cloudpickle.dumps(drawing.draw(cloudpickle.dumps(result))))
        kept: drawing.Drawn = cloudpickle.loads(file.read_bytes())
        return kept

    def store(self, app: Flask) -> None:
        """Give each experiment of the published entries a run, by what the worker has for it."""
        with app.app_context():
            with writing():
                store_experiments([registry.describe(name) for name in registry.names()])
                db.session.flush()
                for revision, configuration in queries.without_runs():
                    queries.enqueue(revision, configuration, seed=SEED)
            while (task := queue.claim("tests")) is not None:
                result, _ = self.run(task.experiment, task.hyperparameters)
                assert queue.finish(task, outcome(task, result), replay_of(task.id, result))
                with writing():
                    drawing.store(task.id, self.drawn(task.experiment, task.hyperparameters))

    def _file(self, kind: str, experiment: str, values: Mapping[str, Any]) -> Path:
        asked = sha256(json.dumps(dict(values), sort_keys=True).encode()).hexdigest()[:16]
        return self.folder / f"{kind}-{experiment}-{asked}"
