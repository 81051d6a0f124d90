"""Slow or stuck: who is trained longer, who recovers, and where the others sit."""

import numpy as np
import pytest

from models.backpropagation import losses
from models.experiment import Result
from models.experiments.failures_trained_longer import LEVELS, names
from models.labs.xor import XOR
from models.readings import success
from tests.models.conftest import Run, by_hand, value_of

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def longer(run: Run) -> Result:
    return run("failures-trained-longer", networks=24)


def test_those_that_fail_are_trained_longer_from_their_own_start(longer: Result) -> None:
    for name in names():
        failed = ~success(longer.cohorts[name])
        assert longer.share(f"failed_share.{name}").count == failed.sum() == longer.share(f"recovered_share.{name}").of
        if failed.any():
            again = longer.cohorts[f"{name}.longer"]
            np.testing.assert_array_equal(again.start, longer.cohorts[name].start[:, failed])
            assert again.steps == 10 * longer.cohorts[name].steps


def test_failures_on_xor_sit_at_the_levels(longer: Result) -> None:
    found = [longer.share(f"stuck_at.{level}") for level in LEVELS]
    assert sum(each.count for each in found) > 0.9 * found[0].of > 0
    assert value_of(longer, "gradient_at_end.stuck") < 1e-3


@pytest.mark.parametrize(("level", "corners"), [("two", [0, 1]), ("three", [0, 1, 2]), ("four", [0, 1, 2, 3])])
def test_a_level_is_the_best_that_one_answer_for_several_corners_can_do(level: str, corners: list[int]) -> None:
    mean = XOR.data.labels[corners].mean()
    entropy = -(mean * np.log(mean) + (1 - mean) * np.log(1 - mean))
    assert LEVELS[level][0] == pytest.approx(len(corners) / 4 * entropy)


def test_a_network_that_answers_nothing_sits_at_the_highest_level() -> None:
    nothing = by_hand(XOR, np.zeros((XOR.network.size, 1)))
    assert losses(XOR.network, nothing.parameters, XOR.data).mean() == pytest.approx(LEVELS["four"][0])


def test_a_run_without_failures_has_nothing_to_train_longer(run: Run) -> None:
    result = run("failures-trained-longer", networks=1, seed=1, steps=1, xor_steps=1)
    assert result.share("recovered_share.xor.2").of == result.share("failed_share.xor.2").count
