"""Feature use: what shuffling changes in neurons made by hand and in trained ones, and what is counted."""

from dataclasses import replace

import numpy as np
import pytest

from models.datasets import coffee
from models.experiment import Result
from models.experiments.feature_use import SHUFFLES, shuffled, use
from models.labs.coffee import COFFEE
from models.plans import Cohort
from tests.models.conftest import Run, value_of

LINES = ("low_temperature", "short_duration", "diagonal")
NETWORK = COFFEE.network


@pytest.fixture(scope="module")
def feature_use(run: Run) -> Result:
    return run("feature-use")


@pytest.fixture
def by_hand(feature_use: Result) -> Cohort:
    """Return two networks: neurons that use temperature, duration and both; and neurons that use nothing."""
    kernel = np.array([[[5.0, 0], [0, 0], [5, 0]], [[0, 0], [5, 0], [5, 0]]])  # (features, units, networks)
    parameters = NETWORK.pack([(kernel, np.zeros((3, 2))), (np.ones((3, 1, 2)), np.zeros((1, 2)))])
    return replace(feature_use.cohorts["main"], parameters=parameters, loss=np.zeros(2, np.float32))


@pytest.mark.parametrize("feature", [0, 1])
def test_shuffling_moves_one_feature_and_loses_none_of_its_values(feature: int) -> None:
    usual, orders = coffee.load().x, shuffled(feature)
    assert len(orders) == SHUFFLES
    assert len({x.tobytes() for x in orders}) == SHUFFLES
    for x in orders:
        np.testing.assert_array_equal(x[:, 1 - feature], usual[:, 1 - feature])
        np.testing.assert_array_equal(np.sort(x[:, feature]), np.sort(usual[:, feature]))
        assert (x[:, feature] != usual[:, feature]).mean() > 0.9


def test_a_neuron_uses_the_features_that_it_has_weights_for(by_hand: Cohort) -> None:
    temperature, duration = use(by_hand)[..., 0]
    assert (temperature > 0.1).tolist() == [True, False, True]
    assert (duration > 0.1).tolist() == [False, True, True]
    assert temperature[1] == duration[0] == 0


def test_a_neuron_without_weights_uses_nothing(by_hand: Cohort) -> None:
    assert (use(by_hand)[..., 1] == 0).all()


def test_a_steep_neuron_changes_as_often_as_two_random_roasts_lie_on_both_sides(feature_use: Result) -> None:
    kernel = np.array([[[1e6], [0], [0]], [[0], [0], [0]]])
    steep = NETWORK.pack([(kernel, np.zeros((3, 1))), (np.ones((3, 1, 1)), np.zeros((1, 1)))])
    above = float((coffee.load().x[:, 0] > 0).mean())
    assert use(replace(feature_use.cohorts["main"], parameters=steep))[0, 0, 0] == pytest.approx(
        2 * above * (1 - above), abs=0.03
    )


def test_edges_along_one_axis_use_one_feature_and_the_diagonal_both(feature_use: Result) -> None:
    used = {
        line: [value_of(feature_use, f"{name}_use.{line}") for name in ("temperature", "duration")] for line in LINES
    }
    assert used["low_temperature"][0] > 10 * used["low_temperature"][1]
    assert used["short_duration"][1] > 10 * used["short_duration"][0]
    assert min(used["diagonal"]) > 0.1


def test_before_training_the_same_neurons_used_both(feature_use: Result) -> None:
    for line in LINES:
        for name in ("temperature", "duration"):
            assert 0.05 < value_of(feature_use, f"{name}_use_at_start.{line}") < 0.25


@pytest.mark.parametrize(("line", "feature"), [("low_temperature", 0), ("short_duration", 1)])
def test_leaning_is_counted_among_the_neurons_that_hold_the_line(feature_use: Result, line: str, feature: int) -> None:
    main, data = feature_use.cohorts["main"], coffee.load()
    count = of = 0
    accuracy = NETWORK.accuracy(main.parameters, data.x, data.labels)
    for network in np.flatnonzero(accuracy >= 0.97):
        kernel = NETWORK.unpack(main.parameters[:, [network]])[0][0]
        first = np.abs(NETWORK.unpack(main.start[:, network])[0][0])
        for neuron in np.flatnonzero(coffee.edges_drawn(kernel)[:, 0] == LINES.index(line)):
            of += 1
            count += int(first[feature, neuron] > first[1 - feature, neuron])
    found = feature_use.share(f"leaned_share.{line}")
    assert (found.count, found.of) == (count, of)
    assert of > 32


def test_no_weight_is_zero_and_no_feature_can_be_spared(feature_use: Result) -> None:
    assert feature_use.share("every_weight_share").count == 64
    for name in ("temperature", "duration"):
        assert 0.5 < value_of(feature_use, f"accuracy_shuffled.{name}") < 0.9


@pytest.mark.parametrize("networks", [1, 65])
def test_any_number_of_networks(run: Run, networks: int) -> None:
    result = run("feature-use", networks=networks, steps=30)
    assert result.share("converged_share").of == networks
    assert result.share("leaned_share.low_temperature").of == result.share("converged_share").count


@pytest.mark.parametrize("line", LINES[:2])
def test_after_training_the_larger_weight_is_on_the_edges_feature_whatever_it_was_before(
    feature_use: Result, line: str
) -> None:
    leaned, larger = (feature_use.share(f"{name}.{line}") for name in ("leaned_share", "larger_share"))
    assert larger.of == leaned.of
    assert larger.count == larger.of > leaned.count


def test_the_nearest_first_line_is_looked_for_in_each_network_that_succeeds(feature_use: Result) -> None:
    for line in LINES:
        nearest = feature_use.share(f"nearest_share.{line}")
        assert nearest.of == feature_use.share("converged_share").count
        assert 4 < nearest.count < 40
