"""The output layer: truth tables of networks made by hand and of trained ones, and what is counted."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from models.datasets import blobs
from models.experiment import Result
from models.experiments.output_layer import PATTERNS, regions_used
from models.findings import Label
from models.labs.blobs import BLOBS
from models.plans import Cohort
from models.readings import active_sides
from models.splits import same_split, two_and_two
from models.truth_table import FIRES, truth_table
from tests.models.conftest import Run, value_of
from tests.models.experiments.conftest import Remeasure

NETWORK = BLOBS.network
Floats = npt.NDArray[np.float32]


@pytest.fixture(scope="module")
def output_layer(run: Run) -> Result:
    return run("output-layer")


@pytest.fixture
def by_hand() -> Floats:
    """Return one network (P, 1): neuron 1 fires left of x = -1, neuron 2 above y = 0, and each region has its class."""
    kernel = np.array([[-1.0, 0], [0, 1]])
    outgoing = np.array([[5.0, 5, 0, 0], [5, 0, 5, 0]])  # 0 likes both, 1 the left, 2 what is above, 3 neither
    layers = [(kernel, np.array([-1.0, 0])), (outgoing, np.array([-5.0, 0, 0, 2]))]
    return NETWORK.pack([(weights[..., None], bias[..., None]) for weights, bias in layers])


def ended(result: Result, parameters: Floats) -> Cohort:
    """Return the run's networks as if these were the trained parameters."""
    return replace(result.cohorts["main"], parameters=parameters, loss=np.zeros(parameters.shape[1], np.float32))


def test_the_truth_table_of_a_network_made_by_hand(output_layer: Result, by_hand: Floats) -> None:
    table = truth_table(ended(output_layer, by_hand))
    assert table.winner[:, 0].tolist() == [0, 1, 2, 3]
    x = blobs.load().x
    for (one, two), inside in zip(FIRES, table.inside[..., 0], strict=True):
        np.testing.assert_array_equal(inside, ((x[:, 0] < -1) == one) & ((x[:, 1] > 0) == two))
    # Where both are silent, only the output biases speak.
    biases = np.exp([-5.0, 0, 0, 2])
    assert table.probability[-1, 0] == pytest.approx(biases.max() / biases.sum(), rel=1e-5)


def test_truth_tables_do_not_depend_on_the_other_networks(output_layer: Result, by_hand: Floats) -> None:
    trained = output_layer.cohorts["main"].parameters[:, :1]
    lost = np.full_like(by_hand, np.nan)
    table = truth_table(ended(output_layer, np.concatenate((by_hand, lost, trained), axis=1)))
    for place, parameters in ((0, by_hand), (2, trained)):
        alone = truth_table(ended(output_layer, parameters))
        np.testing.assert_array_equal(table.inside[..., [place]], alone.inside)
        np.testing.assert_array_equal(table.winner[:, [place]], alone.winner)
        np.testing.assert_allclose(table.probability[:, [place]], alone.probability, rtol=1e-6)
    assert (table.winner[:, 1] == -1).all()


def test_a_region_without_points_is_won_by_nobody(output_layer: Result, by_hand: Floats) -> None:
    NETWORK.unpack(by_hand)[0][1][0] = 1_000  # neuron 1 fires on everything
    table = truth_table(ended(output_layer, by_hand))
    assert (table.winner[:, 0] == -1).tolist() == [False, False, True, True]
    assert np.isnan(table.probability[-1, 0])


@pytest.mark.parametrize(
    ("sides", "expected"),
    [(("01", "02"), 4), (("01", "13"), 4), (("01", "01"), 2), (("0", "01"), 3), (("023", "123"), 3), (("", ""), 1)],
)
def test_regions_are_used_by_the_blobs_that_lie_in_them(sides: tuple[str, str], expected: int) -> None:
    assert regions_used(np.array(sides)[:, None]).tolist() == [expected]


def test_patterns_name_the_regions_whichever_side_is_active(
    output_layer: Result, by_hand: Floats, remeasure: Remeasure
) -> None:
    turned = by_hand.copy()  # neuron 1 fires on the right instead, and neuron 2 below
    kernel, bias = NETWORK.unpack(turned)[0]
    kernel *= -1
    bias *= -1
    both = remeasure(output_layer, np.concatenate((by_hand, turned), axis=1))
    for pattern in PATTERNS:
        assert both.share(f"region_wins.{pattern}").of == 2
    # By hand 0 wins the region of 01 and 02; turned, the same outgoing weights give 0 to the region of 13 and 23.
    assert both.share("complementary_wins_share").count == 1
    assert both.findings["region_class.01|02"] == Label(
        label="the blob that wins most often in the region on the side of blobs 0 and 1, and on that of blobs 0 and 2",
        value="0",
    )


def test_the_blob_on_both_sides_wins(output_layer: Result) -> None:
    main = output_layer.cohorts["main"]
    sides = active_sides(main)
    of = int(np.count_nonzero(two_and_two(sides) & ~same_split(sides)))
    assert of > 32
    assert (output_layer.share("complementary_share").count, output_layer.share("complementary_share").of) == (of, 64)
    for pattern, blob in zip(PATTERNS, "0123", strict=True):
        wins = output_layer.share(f"region_wins.{pattern}")
        assert wins.of == output_layer.share("complementary_wins_share").of == of
        assert wins.count >= output_layer.share("complementary_wins_share").count > 32
        assert output_layer.findings[f"region_class.{pattern}"].value == blob
        assert 0.5 < value_of(output_layer, f"region_probability.{pattern}") < 1


def test_four_regions_are_of_the_converged(output_layer: Result) -> None:
    assert output_layer.share("four_regions_share").of == output_layer.share("converged_share").count > 32
    assert output_layer.quantity("regions_used") == 4


def test_where_both_are_silent_all_points_get_the_same_outputs(
    output_layer: Result, by_hand: Floats, remeasure: Remeasure
) -> None:
    assert output_layer.quantity("silent_spread") == 0
    NETWORK.unpack(by_hand)[0][1][:] = 1_000  # none is silent
    assert remeasure(output_layer, by_hand).quantity("silent_spread") is None


def test_some_points_win_against_their_region(output_layer: Result) -> None:
    assert (
        0.85 < value_of(output_layer, "points_with_region") < 1
    )  # the output layer also reads how far a point lies from a line


@pytest.mark.parametrize("networks", [1, 65])
def test_any_number_of_networks(run: Run, networks: int) -> None:
    result = run("output-layer", networks=networks, steps=30)
    assert result.share("converged_share").of == networks
