"""The output layer: truth tables of networks made by hand and of trained ones, and what is counted."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from models import registry
from models.datasets import blobs
from models.experiment import Findings, Label, Quantity, Result, Share
from models.experiments.output_layer import FIRES, NETWORK, PATTERNS, regions_used, truth_table
from models.splits import active_sides, same_split, two_and_two

Run = Callable[..., Result]


@pytest.fixture(scope="session")
def output_layer(run: Run) -> Result:
    return run("output-layer")


@pytest.fixture
def by_hand() -> npt.NDArray[np.float32]:
    """Return one network (P, 1): neuron 1 fires left of x = -1, neuron 2 above y = 0, and each region has its class."""
    kernel = np.array([[-1.0, 0], [0, 1]])
    outgoing = np.array([[5.0, 5, 0, 0], [5, 0, 5, 0]])  # 0 likes both, 1 the left, 2 what is above, 3 neither
    layers = [(kernel, np.array([-1.0, 0])), (outgoing, np.array([-5.0, 0, 0, 2]))]
    return NETWORK.pack([(weights[..., None], bias[..., None]) for weights, bias in layers])


def share(result: Result, name: str) -> Share:
    finding = result.findings[name]
    assert isinstance(finding, Share)
    return finding


def quantity(result: Result, name: str) -> float | None:
    finding = result.findings[name]
    assert isinstance(finding, Quantity)
    return finding.value


def measured_with(result: Result, parameters: npt.NDArray[np.float32]) -> Result:
    """Return the run with other trained parameters, measured again."""
    experiment, main = registry.find("output-layer"), result.cohorts["main"]
    cohorts = {"main": replace(main, parameters=parameters, loss=main.loss[: parameters.shape[1]])}
    findings = Findings(experiment.declared)
    experiment.measure(cohorts, findings)
    return replace(result, cohorts=cohorts, findings=findings)


def test_the_truth_table_of_a_network_made_by_hand(by_hand: npt.NDArray[np.float32]) -> None:
    table = truth_table(by_hand[:, 0])
    assert [region.fires for region in table] == list(FIRES)
    assert [region.winner for region in table] == [0, 1, 2, 3]
    x = blobs.load().x
    for region in table:
        inside = ((x[:, 0] < -1) == region.fires[0]) & ((x[:, 1] > 0) == region.fires[1])
        np.testing.assert_array_equal(region.inside, inside)
    # Where both are silent, only the output biases speak.
    biases = np.exp([-5.0, 0, 0, 2])
    assert table[-1].probability == pytest.approx(biases.max() / biases.sum(), rel=1e-5)


def test_a_region_without_points_is_won_by_nobody(by_hand: npt.NDArray[np.float32]) -> None:
    NETWORK.unpack(by_hand)[0][1][0] = 1_000  # neuron 1 fires on everything
    table = truth_table(by_hand[:, 0])
    assert [region.winner is None for region in table] == [False, False, True, True]
    assert np.isnan(table[-1].probability)


@pytest.mark.parametrize(
    ("sides", "expected"),
    [(("01", "02"), 4), (("01", "13"), 4), (("01", "01"), 2), (("0", "01"), 3), (("023", "123"), 3), (("", ""), 1)],
)
def test_regions_are_used_by_the_blobs_that_lie_in_them(sides: tuple[str, str], expected: int) -> None:
    assert regions_used(np.array(sides)[:, None]).tolist() == [expected]


def test_patterns_name_the_regions_whichever_side_is_active(
    output_layer: Result, by_hand: npt.NDArray[np.float32]
) -> None:
    turned = by_hand.copy()  # neuron 1 fires on the right instead, and neuron 2 below
    kernel, bias = NETWORK.unpack(turned)[0]
    kernel *= -1
    bias *= -1
    both = measured_with(output_layer, np.concatenate((by_hand, turned), axis=1))
    for pattern in PATTERNS:
        assert share(both, f"region_wins.{pattern}").of == 2
    # By hand 0 wins the region of 01 and 02; turned, the same outgoing weights give 0 to the region of 13 and 23.
    assert share(both, "complementary_wins_share").count == 1
    assert both.findings["region_class.01|02"] == Label(
        label="the blob that wins most often in the region of sides 01 and 02", value="0"
    )


def test_the_blob_on_both_sides_wins(output_layer: Result) -> None:
    main = output_layer.cohorts["main"]
    sides = active_sides(NETWORK, main.parameters, blobs.load())
    of = int(np.count_nonzero(two_and_two(sides) & ~same_split(sides)))
    assert of > 32
    for pattern, blob in zip(PATTERNS, "0123", strict=True):
        wins = share(output_layer, f"region_wins.{pattern}")
        assert wins.of == share(output_layer, "complementary_wins_share").of == of
        assert wins.count >= share(output_layer, "complementary_wins_share").count > 32
        assert output_layer.findings[f"region_class.{pattern}"].value == blob
        probability = quantity(output_layer, f"region_probability.{pattern}")
        assert probability is not None
        assert 0.5 < probability < 1


def test_four_regions_are_of_the_converged(output_layer: Result) -> None:
    assert share(output_layer, "four_regions_share").of == share(output_layer, "converged_share").count > 32
    assert quantity(output_layer, "regions_used") == 4


def test_where_both_are_silent_all_points_get_the_same_outputs(
    output_layer: Result, by_hand: npt.NDArray[np.float32]
) -> None:
    assert quantity(output_layer, "silent_spread") == 0
    NETWORK.unpack(by_hand)[0][1][:] = 1_000  # none is silent
    assert quantity(measured_with(output_layer, by_hand), "silent_spread") is None


def test_some_points_win_against_their_region(output_layer: Result) -> None:
    found = quantity(output_layer, "points_with_region")
    assert found is not None
    assert 0.85 < found < 1  # the output layer also reads how far a point lies from a line


def test_the_figures_say_the_truth_table(output_layer: Result) -> None:
    regions, plane = registry.find("output-layer").figures(output_layer)
    assert sum(int(row[2]) for row in regions.table.rows) == 100
    assert sorted(row[4] for row in regions.table.rows) == ["blob 0", "blob 1", "blob 2", "blob 3"]
    for row in regions.table.rows:
        assert row[3] == row[4]  # the blob that lies in a region wins it
        assert f"neuron 1 {row[0]}, neuron 2 {row[1]}: {row[4]} ({row[5]})" in regions.alternative
    assert len(plane.table.rows) == 4


@pytest.mark.parametrize("networks", [1, 65])
def test_any_number_of_networks(run: Run, networks: int) -> None:
    result = run("output-layer", networks=networks, steps=30)
    assert share(result, "converged_share").of == networks
