"""Runs of the experiments and their figures, each trained and made once in a session."""

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from models import registry
from models.experiment import NETWORKS, Result
from models.figures import Figure

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
def figure(run: Run) -> Callable[[str, str], Figure]:
    """Return a function that gives a figure, by its name, of an experiment's run at its defaults."""

    @cache
    def kept(experiment: str, name: str) -> Figure:
        return next(each for each in registry.find(experiment).figures(run(experiment)) if each.name == name)

    return kept
