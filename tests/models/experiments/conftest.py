"""Results that many tests read."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from models import registry
from models.experiment import Result
from tests.models.conftest import Run

Remeasure = Callable[[Result, npt.ArrayLike], Result]


@pytest.fixture(scope="session")
def remeasure() -> Remeasure:
    """Return a function that measures a run anew, as if its cohort ``main`` had ended with other parameters."""

    def again(result: Result, parameters: npt.ArrayLike) -> Result:
        ended, main = np.asarray(parameters, np.float32), result.cohorts["main"]
        networks = ended.shape[1]
        cohort = replace(main, start=main.start[:, :networks], parameters=ended, loss=main.loss[:networks])
        cohorts = {**result.cohorts, "main": cohort}
        return replace(result, cohorts=cohorts, findings=registry.find(result.experiment).measure(cohorts))

    return again


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
