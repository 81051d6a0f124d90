"""What `ensemble.train` promises: records, progress, orders, held parameters, penalties, refusals."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from scipy.optimize import minimize
from scipy.special import log_softmax

from models import ensemble, orders
from models.datasets import Dataset
from models.ensemble import Optimizer
from models.history import Recording, Trained, log_spaced
from models.initializers import start
from models.network import Network

pytestmark = pytest.mark.slow

NETWORK = Network((2, 3, 4), "tanh", "softmax_crossentropy")
Train = Callable[..., Trained]
Visited = Callable[..., npt.NDArray[np.int32]]


@pytest.fixture
def data(examples: dict[str, Dataset]) -> Dataset:
    """Return the normalised blobs."""
    return examples["softmax_crossentropy"]


@pytest.fixture
def train(data: Dataset) -> Train:
    """Return a function that trains a few networks for a few steps unless told otherwise."""

    def trained(count: int = 5, *, optimizer: Optimizer | None = None, steps: int = 30, **settings: Any) -> Trained:
        given = {"start": start(NETWORK, "glorot_uniform", seed=1, members=range(count)), "data": data, **settings}
        return ensemble.train(
            NETWORK, given.pop("start"), given.pop("data"), optimizer or Optimizer(), steps=steps, **given
        )

    return trained


@pytest.mark.parametrize(("steps", "count"), [(0, 40), (1, 40), (10, 40), (800, 40), (62_500, 40), (800, 5)])
def test_log_spaced_runs_from_first_to_last_step_with_growing_distances(steps: int, count: int) -> None:
    found = log_spaced(steps, count)
    assert found[0] == 0
    assert found[-1] == steps
    assert list(found) == sorted(set(found))
    assert len(found) <= count
    if steps >= 800:
        assert len(found) >= 0.7 * count
        ratios = np.diff(np.log(np.array([step for step in found if step >= count])))
        assert ratios.max() < 1.3 * ratios.min()


@pytest.mark.parametrize("batch_size", [None, 32])
def test_history_holds_the_recorded_steps_and_networks_in_order(train: Train, batch_size: int | None) -> None:
    trained = train(70, batch_size=batch_size, recording=Recording((30, 0, 7, 7, 400), (69, 3, 64, 3)))
    history = trained.history
    assert history.steps.tolist() == [0, 7, 30]
    assert history.positions.tolist() == [3, 64, 69]
    assert history.parameters.shape == (3, NETWORK.size, 3)
    assert history.loss.shape == (3, 3)
    assert np.array_equal(history.parameters[0], trained.start[:, [3, 64, 69]])
    assert np.array_equal(history.parameters[-1], trained.parameters[:, [3, 64, 69]])
    assert np.array_equal(history.loss[-1], trained.loss[[3, 64, 69]])
    assert not np.array_equal(history.parameters[1], history.parameters[0])


def test_history_is_empty_without_a_recording(train: Train) -> None:
    history = train().history
    assert history.parameters.shape == (0, NETWORK.size, 0)
    assert history.loss.shape == (0, 0)


@pytest.mark.parametrize("settings", [{}, {"batch_size": 32, "dropout": 0.5, "l2": 0.1}])
def test_loss_is_the_mean_over_all_rowswithout_dropout_and_penalty(
    train: Train, data: Dataset, settings: dict[str, Any]
) -> None:
    trained = train(recording=Recording((0, 10), (0, 1, 2, 3, 4)), **settings)
    assert trained.loss == pytest.approx(mean_loss(trained.parameters, data), rel=1e-5)
    assert trained.history.loss[0] == pytest.approx(mean_loss(trained.start, data), rel=1e-5)
    assert trained.history.loss[1] == pytest.approx(mean_loss(trained.history.parameters[1], data), rel=1e-5)


def test_no_steps_change_nothing(train: Train, data: Dataset) -> None:
    trained = train(steps=0, recording=Recording((0,), (1,)))
    assert np.array_equal(trained.parameters, trained.start)
    assert trained.loss == pytest.approx(mean_loss(trained.start, data), rel=1e-5)
    assert np.array_equal(trained.history.parameters[0, :, 0], trained.start[:, 1])


@pytest.mark.parametrize("positions", [slice(2, 7), slice(0, 3), slice(5, None), slice(1, 9, 2)])
def test_part_takes_networks_with_what_is_recorded_of_them(train: Train, positions: slice) -> None:
    trained = train(10, recording=Recording((0, 30), (1, 3, 5, 6)))
    part = trained.part(positions)
    inside = list(range(10))[positions]
    assert np.array_equal(part.start, trained.start[:, inside])
    assert np.array_equal(part.parameters, trained.parameters[:, inside])
    assert np.array_equal(part.loss, trained.loss[inside])
    assert [inside[place] for place in part.history.positions] == [k for k in (1, 3, 5, 6) if k in inside]
    assert np.array_equal(part.history.parameters[-1], part.parameters[:, part.history.positions])
    assert np.array_equal(part.history.parameters[0], part.start[:, part.history.positions])
    assert np.array_equal(part.history.loss[-1], part.loss[part.history.positions])


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adam"])
def test_held_parameters_stay_exactly_and_others_move(train: Train, optimizer: Any) -> None:
    free = np.random.default_rng(0).integers(2, size=(NETWORK.size, 5)).astype(np.float32)
    trained = train(trainable=free, optimizer=Optimizer(optimizer, 0.1), l2=0.1, batch_size=32, dropout=0.1)
    moved = trained.parameters != trained.start
    assert np.array_equal(moved, free == 1)


def test_one_column_of_held_parameters_holds_for_all_networks(train: Train) -> None:
    free = (np.arange(NETWORK.size) % 2).astype(np.float32)[:, None]
    one = train(trainable=free)
    assert np.array_equal(one.parameters, train(trainable=np.repeat(free, 5, axis=1)).parameters)
    assert np.array_equal(one.parameters[::2], one.start[::2])


def test_penalty_leads_to_the_minimum_that_scipy_finds(data: Dataset) -> None:
    network, l2 = Network((2, 4), "linear", "softmax_crossentropy"), 0.01
    x, labels = data.x.astype(np.float64), data.labels

    def penalised(parameters: npt.NDArray[np.float64]) -> float:
        outputs = x @ parameters[:8].reshape(2, 4) + parameters[8:]
        return float(-log_softmax(outputs, axis=1)[np.arange(100), labels].mean() + l2 * (parameters**2).sum())

    best = minimize(penalised, np.zeros(12), tol=1e-10)
    starts = start(network, "normal", seed=1, members=range(3))
    optimizer = Optimizer("momentum", 0.2)
    trained = ensemble.train(network, starts, data, optimizer, steps=3_000, l2=l2)
    # The penalty makes the problem strictly convex: every start leads to the one minimum.
    assert trained.parameters == pytest.approx(np.repeat(best.x[:, None], 3, axis=1), abs=1e-4)
    without = ensemble.train(network, starts, data, optimizer, steps=3_000)
    assert np.abs(without.parameters).max() > 1.5 * np.abs(best.x).max()


def test_each_network_takes_its_own_rate(train: Train) -> None:
    rates = np.array([0.0, 0.001, 0.01, 0.1, 1.0], np.float32)
    together = train(optimizer=Optimizer("sgd", rates))
    assert np.array_equal(together.parameters[:, 0], together.start[:, 0])
    for column, rate in enumerate(rates):
        assert np.array_equal(
            together.parameters[:, column], train(optimizer=Optimizer("sgd", float(rate))).parameters[:, column]
        )


@pytest.mark.parametrize("settings", [{}, {"batch_size": 32, "dropout": 0.2}])
def test_diverged_networks_are_flagged_and_do_not_disturb_their_neighbours(
    examples: dict[str, Dataset], settings: dict[str, Any]
) -> None:
    data = examples["squared_error"]
    network = Network((2, 3, 2), "relu", "squared_error")
    starts = start(network, "glorot_uniform", seed=1, members=range(70))
    broken = [1, 40, 66, 69]
    rates = np.full(70, 0.01, np.float32)
    calm = ensemble.train(network, starts, data, Optimizer("sgd", rates), steps=50, **settings)
    rates[broken[:3]] = 1e30
    starts = starts.copy()
    starts[0, broken[3]] = np.nan
    trained = ensemble.train(network, starts, data, Optimizer("sgd", rates), steps=50, **settings)
    assert not calm.diverged.any()
    assert np.flatnonzero(trained.diverged).tolist() == broken
    others = ~trained.diverged
    assert np.array_equal(trained.parameters[:, others], calm.parameters[:, others])
    assert np.array_equal(trained.loss[others], calm.loss[others])


@pytest.mark.parametrize("settings", [{}, {"batch_size": 32}, {"recording": Recording((0, 1, 99), (0, 100))}])
def test_progress_adds_up_to_networks_times_steps(train: Train, settings: dict[str, Any]) -> None:
    done: list[int] = []
    train(130, steps=2_100, progress=done.append, **settings)
    assert sum(done) == 130 * 2_100
    # Each of the three blocks is heard of on its way and not at its end alone.
    assert len(done) >= 3 * 2_100 // orders.LONGEST_SEGMENT


def test_what_progress_raises_stops_the_training(train: Train) -> None:
    class StopError(Exception):
        pass

    done: list[int] = []

    def progress(steps: int) -> None:
        done.append(steps)
        raise StopError

    with pytest.raises(StopError):
        train(300, steps=1_000_000, progress=progress, threads=2)
    # Each of the five blocks stops at its first report at the latest.
    assert sum(done) <= 300 * orders.LONGEST_SEGMENT


@pytest.mark.parametrize(("rows", "batch"), [(5, 3), (100, 32), (7, 7 - 1), (64, 16), (200, 1)])
def test_each_epochs_order_is_a_permutation_of_all_examples(visited_rows: Visited, rows: int, batch: int) -> None:
    orders = visited_rows(
        examples=rows, batch=batch, epochs=150, seed=0, members=64
    )  # More epochs than stand in one chunk.
    assert np.array_equal(np.sort(orders, axis=1), np.broadcast_to(np.arange(rows)[None, :, None], orders.shape))
    flat = orders.transpose(0, 2, 1).reshape(-1, rows)
    if rows >= 64:
        assert len(np.unique(flat, axis=0)) == len(flat), "two networks or epochs share an order"


def test_every_example_stands_in_every_place_equally_often(visited_rows: Visited) -> None:
    orders = (
        visited_rows(examples=10, batch=4, epochs=100, seed=0, members=64).transpose(1, 0, 2).reshape(10, -1)
    )  # (places, draws)
    counts = np.stack([np.bincount(place, minlength=10) for place in orders])
    draws = orders.shape[1]
    assert np.abs(counts - draws / 10).max() < 5 * np.sqrt(draws * 0.1 * 0.9)


def test_the_short_last_batch_is_averaged_over_its_real_size(visited_rows: Visited) -> None:
    # One linear neuron on five examples in batches of 3 and 2, trained by hand.
    network = Network((1, 1), "linear", "squared_error")
    x = np.array([-2.0, -1.0, 0.5, 1.0, 3.0])
    y = np.array([1.0, -1.0, 2.0, 0.0, 1.5])
    data = Dataset(
        x[:, None].astype(np.float32), y[:, None].astype(np.float32), np.zeros(5, np.intp), ("x",), ("none",)
    )
    trained = ensemble.train(
        network, np.array([[0.5], [0.25]], np.float32), data, Optimizer("sgd", 0.05), steps=9, batch_size=3, seed=2
    )
    weight, bias = 0.5, 0.25
    order = visited_rows(examples=5, batch=3, epochs=5, seed=2, members=1)[:, :, 0]
    for step in range(9):
        epoch, second = divmod(step, 2)
        rows = order[epoch, 3:] if second else order[epoch, :3]
        error = weight * x[rows] + bias - y[rows]
        weight, bias = weight - 0.05 * 2 * (error * x[rows]).mean(), bias - 0.05 * 2 * error.mean()
    assert trained.parameters[:, 0] == pytest.approx([weight, bias], abs=1e-6)


@pytest.mark.parametrize("batch_size", [100, 101, 1_000])
def test_a_batch_of_all_rowsis_the_full_batch(train: Train, batch_size: int) -> None:
    assert np.array_equal(train(batch_size=batch_size).parameters, train().parameters)


def test_training_leaves_its_arguments_as_they_are(train: Train, data: Dataset) -> None:
    starts = start(NETWORK, "glorot_uniform", seed=1, members=range(5))
    before, x = starts.copy(), data.x.copy()
    assert train(start=starts).start is starts
    assert np.array_equal(starts, before)
    assert np.array_equal(data.x, x)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"start": np.zeros((3, 5), np.float32)}, r"start must have shape \(25, networks\), not \(3, 5\)"),
        ({"start": np.zeros(25, np.float32)}, "start must have shape"),
        ({"start": np.zeros((25, 0), np.float32)}, "start must have shape"),
        ({"members": [0, 1]}, "members must name 5 networks, not 2"),
        ({"steps": -1}, "steps must be from 0"),
        ({"steps": 2**31}, "steps must be from 0"),
        ({"batch_size": 0}, "batch_size must be 1 or more, not 0"),
        ({"dropout": -0.1}, "dropout must be at least 0 and below 1"),
        ({"dropout": 1.0}, "dropout must be at least 0 and below 1, not 1.0"),
        ({"dropout": float("nan")}, "dropout must be at least 0 and below 1"),
        ({"optimizer": Optimizer("adagrad")}, "adagrad"),  # type: ignore[arg-type]
        ({"optimizer": Optimizer("sgd", np.ones(3, np.float32))}, "rate"),
        ({"trainable": np.ones((25, 3), np.float32)}, "trainable"),
        ({"recording": Recording((0,), (5,))}, "recording"),
        ({"recording": Recording((-1,), (0,))}, "recording"),
    ],
)
def test_arguments_out_of_range_are_refused_by_name(train: Train, settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        train(**settings)


def test_data_of_other_sizes_than_the_networks_are_refused(train: Train, data: Dataset) -> None:
    with pytest.raises(ValueError, match="3 features and 4 targets"):
        train(data=replace(data, x=np.zeros((100, 3), np.float32)))
    with pytest.raises(ValueError, match="2 features and 1 targets"):
        train(data=replace(data, targets=np.zeros((100, 1), np.float32)))


def mean_loss(parameters: npt.NDArray[np.float32], data: Dataset) -> npt.NDArray[np.float64]:
    """Compute the cross-entropy (networks,) of `NETWORK`s, averaged over the data."""
    outputs = NETWORK.forward(parameters.astype(np.float64), data.x)[-1]  # (rows, outputs, networks)
    return np.asarray(-log_softmax(outputs, axis=1)[np.arange(len(data.x)), data.labels].mean(axis=0))
