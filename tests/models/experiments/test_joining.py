"""Two solutions as one: the ways to write a network, and the hill on the way between two."""

import numpy as np
import pytest

from models.experiment import Result
from models.experiments.joining import along, paths, writings, written
from models.labs.coffee import COFFEE
from models.readings import success
from tests.models.conftest import Run, value_of


@pytest.fixture(scope="module")
def joining(run: Run) -> Result:
    return run("joining")


def test_there_are_48_ways_to_write_a_network() -> None:
    assert len(writings()) == 48
    assert sorted(set(writings().values())) == ["mirrored", "permuted", "raw"]
    assert list(writings().values()).count("permuted") == 5


def test_all_ways_compute_the_same(joining: Result) -> None:
    parameters = joining.cohorts["main"].parameters[:, :5].astype(np.float64)
    outputs = COFFEE.network.forward(parameters, COFFEE.data.x)[-1]
    for order, signs in writings():
        again = COFFEE.network.forward(written(parameters, order, signs), COFFEE.data.x)[-1]
        np.testing.assert_allclose(again, outputs, atol=1e-8)


def test_a_network_is_joined_with_itself_written_otherwise(joining: Result) -> None:
    one = joining.cohorts["main"].parameters[:, :3].astype(np.float64)
    other = written(one, (2, 0, 1), (1, -1, 1))
    hill = along(one, other)
    back = along(one, written(other, (1, 2, 0), (-1, 1, 1)))
    assert (np.ptp(back, axis=0) < 1e-9).all()
    assert (hill[5] > hill[0] + 0.01).all()


def test_each_network_that_succeeds_is_in_one_pair(joining: Result) -> None:
    pairs = np.array(paths(joining.cohorts["main"]).pairs)
    good = np.flatnonzero(success(joining.cohorts["main"]))
    assert sorted(pairs.ravel().tolist()) == good[: pairs.size].tolist()
    assert joining.share("joined_share.raw").of == len(pairs) == good.size // 2


def test_more_ways_never_raise_the_hill(joining: Result) -> None:
    found = paths(joining.cohorts["main"])
    assert (found.losses["permuted"].max(axis=0) <= found.losses["raw"].max(axis=0)).all()
    assert (found.losses["mirrored"].max(axis=0) <= found.losses["permuted"].max(axis=0)).all()
    assert value_of(joining, "barrier.mirrored") < 0.02 < value_of(joining, "barrier.raw")


def test_without_successes_there_is_nothing_to_join(run: Run) -> None:
    result = run("joining", networks=2, steps=1)
    assert result.share("joined_share.raw").of == 0
    assert result.quantity("barrier.raw") is None
