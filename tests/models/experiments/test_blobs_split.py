"""Splits of the blobs: the findings that the entry needs, and frozen lines against SciPy's own minimum."""

from itertools import combinations_with_replacement

import numpy as np
import numpy.typing as npt
import pytest
from scipy.optimize import minimize
from scipy.special import log_softmax, softmax

from models.datasets import blobs
from models.experiment import Result
from models.findings import Label, Quantity, Share
from models.readings import active_sides
from models.splits import Border, possible_lines
from tests.models.conftest import Run

SIDES = ("0", "01", "012", "013", "02", "023", "1", "123", "13", "2", "23", "3")
PAIRS = ["|".join(pair) for pair in combinations_with_replacement(SIDES, 2)]
ALL = ("converged_share", "two_two_share", "complementary_share", "diverged_share")
L2 = 1e-3
Floats = npt.NDArray[np.float64]


@pytest.fixture(scope="module")
def lines() -> dict[str, Border]:
    return possible_lines(np.array(blobs.CENTERS))


def quantity(result: Result, name: str) -> float:
    found = result.quantity(name)
    assert found is not None
    return found


def family(result: Result, name: str) -> dict[str, Share | Quantity | Label]:
    return {key.removeprefix(f"{name}."): each for key, each in result.findings.items() if key.startswith(f"{name}.")}


@pytest.mark.parametrize("name", ALL)
def test_shares_of_all_networks(blobs_split: Result, name: str) -> None:
    assert blobs_split.share(name).of == 64


def test_converged_complementary_share_is_of_the_converged(blobs_split: Result) -> None:
    found = blobs_split.share("converged_complementary_share")
    assert found.of == blobs_split.share("converged_share").count
    assert found.count <= blobs_split.share("complementary_share").count


def test_most_networks_converge(blobs_split: Result) -> None:
    assert blobs_split.share("converged_share").count > 32


def test_patterns_sum_to_all_networks(blobs_split: Result) -> None:
    shares = [blobs_split.share(f"pattern.{name}") for name in family(blobs_split, "pattern")]
    assert sum(each.count for each in shares) == 64
    assert {each.of for each in shares} == {64}


def test_patterns_name_every_pair_that_lines_can_make(blobs_split: Result) -> None:
    assert set(PAIRS) <= set(family(blobs_split, "pattern"))


def test_two_two_shares_are_sums_of_patterns(blobs_split: Result) -> None:
    counts = {name: blobs_split.share(f"pattern.{name}").count for name in family(blobs_split, "pattern")}
    balanced = {name: count for name, count in counts.items() if [len(side) for side in name.split("|")] == [2, 2]}
    alike = {"01|01", "01|23", "23|23", "02|02", "02|13", "13|13", "03|03", "03|12", "12|12"}
    assert blobs_split.share("two_two_share").count == sum(balanced.values())
    complementary = sum(count for name, count in balanced.items() if name not in alike)
    assert blobs_split.share("complementary_share").count == complementary


def test_patterns_are_counted_from_the_trained_networks(blobs_split: Result) -> None:
    main = blobs_split.cohorts["main"]
    sides = active_sides(main)
    names = ["|".join(sorted(pair)) for pair in sides.T.tolist()]
    for name in set(names):
        assert blobs_split.share(f"pattern.{name}").count == names.count(name)


@pytest.mark.parametrize("name", ["frozen_loss", "frozen_accuracy"])
def test_every_pair_of_lines_is_held_fixed(blobs_split: Result, name: str) -> None:
    assert list(family(blobs_split, name)) == PAIRS
    assert len(PAIRS) == 78


def test_pairs_that_fit_counts_the_frozen_accuracies(blobs_split: Result) -> None:
    found = blobs_split.share("pairs_that_fit")
    assert found.of == 78
    assert found.count == sum(quantity(blobs_split, f"frozen_accuracy.{pair}") >= 0.99 for pair in PAIRS)


def test_best_frozen_pair_has_the_smallest_loss(blobs_split: Result) -> None:
    best = blobs_split.findings["best_frozen_pair"]
    assert isinstance(best, Label)
    assert best.value == min(PAIRS, key=lambda pair: quantity(blobs_split, f"frozen_loss.{pair}"))


def test_frozen_lines_do_not_move_and_are_unit_normals_between_the_centres(
    blobs_split: Result, lines: dict[str, Border]
) -> None:
    frozen = blobs_split.cohorts["frozen"]
    kernel, bias = frozen.network.unpack(frozen.parameters)[0]
    for at, pair in enumerate(PAIRS):
        for neuron, side in enumerate(pair.split("|")):
            np.testing.assert_allclose(kernel[:, neuron, at], lines[side].normal, rtol=1e-6, atol=1e-7)
            assert bias[neuron, at] == pytest.approx(lines[side].offset, rel=1e-6)


def penalised_minimum(hidden: Floats) -> tuple[float, float, float]:
    """Return the cross-entropy where the penalised cost of an output layer is least, and the accuracy there.

    The accuracy is told twice: without the points whose two largest outputs are equal but for rounding, and with them.

    ``hidden`` (rows, 2) are what the frozen neurons put out.
    """
    data = blobs.load()
    x, targets = np.column_stack((hidden, np.ones(len(hidden)))), data.targets.astype(np.float64)

    def cost(flat: Floats) -> tuple[float, Floats]:
        weights = flat.reshape(3, 4)
        outputs = x @ weights
        value = -(targets * log_softmax(outputs, axis=1)).sum() / len(x) + L2 * (flat**2).sum()
        slope = x.T @ (softmax(outputs, axis=1) - targets) / len(x) + 2 * L2 * weights
        return value, slope.ravel()

    found = minimize(cost, np.zeros(12), jac=True, method="BFGS", options={"gtol": 1e-8, "maxiter": 10_000})
    outputs = x @ found.x.reshape(3, 4)
    loss = -(targets * log_softmax(outputs, axis=1)).sum() / len(x)
    right = outputs[np.arange(len(x)), data.labels]
    others = np.where(np.arange(4) == data.labels[:, None], -np.inf, outputs).max(axis=1)
    return float(loss), float((right > others + 1e-3).mean()), float((right > others - 1e-3).mean())


@pytest.mark.parametrize("pair", PAIRS)
def test_frozen_loss_is_that_of_the_penalised_minimum(blobs_split: Result, lines: dict[str, Border], pair: str) -> None:
    chosen = [lines[side] for side in pair.split("|")]
    points = blobs.load().x.astype(np.float64)
    hidden = np.column_stack([np.maximum(points @ line.normal + line.offset, 0) for line in chosen])
    loss, least, most = penalised_minimum(hidden)
    assert quantity(blobs_split, f"frozen_loss.{pair}") == pytest.approx(loss, abs=1e-3)
    assert least - 0.011 <= quantity(blobs_split, f"frozen_accuracy.{pair}") <= most + 0.011


def test_frozen_lines_do_not_depend_on_the_seed(blobs_split: Result, run: Run) -> None:
    other = run("blobs-split", networks=1, seed=1, steps=30)
    for name in ("frozen_loss", "frozen_accuracy"):
        assert family(other, name) == family(blobs_split, name)


def test_full_batch_and_mini_batches_end_apart(run: Run) -> None:
    mini, full = (run("blobs-split", networks=3, steps=30, batch_size=size).cohorts["main"] for size in (32, 100))
    np.testing.assert_array_equal(mini.start, full.start)
    assert (mini.parameters != full.parameters).any(axis=0).all()


def test_history_of_the_networks_in_the_figures_ends_at_the_end(blobs_split: Result) -> None:
    trained = blobs_split.cohorts["main"]
    assert (trained.history.steps[0], trained.history.steps[-1]) == (0, 800)
    assert 25 <= len(trained.history.steps) <= 40
    np.testing.assert_array_equal(trained.history.parameters[-1], trained.parameters[:, trained.history.positions])


@pytest.mark.parametrize("networks", [1, 65])
def test_any_number_of_networks(run: Run, networks: int) -> None:
    result = run("blobs-split", networks=networks, steps=30)
    assert result.share("converged_share").of == networks
    assert sum(result.share(f"pattern.{name}").count for name in family(result, "pattern")) == networks
    assert result.share("pairs_that_fit").of == 78


def test_neurons_that_fire_on_no_blob_have_a_pattern_too(run: Run) -> None:
    result = run("blobs-split", networks=8, seed=5, steps=200, rate=100.0)
    empty = [name for name in family(result, "pattern") if "" in name.split("|")]
    assert empty
    assert all("active for no blob, " in result.findings[f"pattern.{name}"].label for name in empty)


def test_failures_are_counted_beside_the_successes(blobs_split: Result) -> None:
    good, bad = (blobs_split.share(f"{name}_complementary_share") for name in ("converged", "failed"))
    assert (good.of + bad.of, good.count + bad.count) == (64, blobs_split.share("complementary_share").count)
    assert good.count * bad.of > bad.count * good.of
    began = blobs_split.share("complementary_share_at_start")
    assert began.of == 64
    assert began.count < blobs_split.share("complementary_share").count
