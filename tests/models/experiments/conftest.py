"""Runs of the experiments, each trained once in a session."""

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from models import registry
from models.experiment import NETWORKS, Result

SEED = 20_260
Run = Callable[..., Result]


@pytest.fixture(scope="session")
def run() -> Run:
    """Return a function that runs an experiment, at its defaults unless told otherwise, and keeps the result."""

    @cache
    def kept(name: str, networks: int = NETWORKS, seed: int = SEED, **values: Any) -> Result:
        experiment = registry.find(name)
        return experiment.execute(experiment.check(values, networks, seed), networks=networks, seed=seed)

    return kept


@pytest.fixture(scope="session")
def symmetry(run: Run) -> Result:
    return run("symmetry")


@pytest.fixture(scope="session")
def rerun(run: Run) -> Result:
    return run("rerun")


@pytest.fixture(scope="session")
def blobs_split(run: Run) -> Result:
    return run("blobs-split")


@pytest.fixture(scope="session")
def similar_lines(run: Run) -> Result:
    return run("similar-lines")
