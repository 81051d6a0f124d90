"""Plans as data: what is drawn, held, masked and recorded, and that a network's bits do not depend on its company."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from models.backpropagation import losses
from models.datasets import coffee, xor
from models.ensemble import Optimizer
from models.history import log_spaced
from models.initializers import start
from models.labs.blobs import BLOBS
from models.labs.coffee import COFFEE
from models.labs.xor import XOR
from models.network import Network
from models.plan_training import train_plans
from models.plans import RECORDED, Cohort, Floats, Integers, Plan, Start, reading
from models.widths import narrowed, without_masked
from tests.models.conftest import train

pytestmark = pytest.mark.slow

GLOROT = Start.by("glorot_uniform")
ON_XOR = Plan("xor", XOR, GLOROT, 25)
ON_BLOBS = Plan("blobs", BLOBS, GLOROT, 25, batch=32)


def ensembles(cohorts: dict[str, Cohort]) -> set[frozenset[str]]:
    """Return the names of the cohorts that were trained as one ensemble: these share one timing."""
    by_timing: dict[int, set[str]] = {}
    for name, cohort in cohorts.items():
        by_timing.setdefault(id(cohort.timing), set()).add(name)
    return {frozenset(names) for names in by_timing.values()}


def but_biases(network: Network, layer: int) -> Floats:
    """Return the mask of what may change where one layer's biases may not."""
    trainable = np.ones((network.size, 1), np.float32)
    trainable[network.layers[layer].bias] = 0
    return trainable


def test_plans_with_one_start_draw_it_once_and_begin_alike() -> None:
    drawn: list[int] = []

    def draw(network: Network, seed: int, members: Integers) -> Floats:
        drawn.append(seed)
        return np.full((network.size, members.size), len(drawn), np.float32)

    plan = Plan("one", BLOBS, Start("counted", draw), steps=0)
    others = [replace(plan, name="two"), replace(plan, name="few", members=[4, 2])]
    cohorts = train_plans([plan, *others], networks=3, seed=8, progress=lambda _: None)
    assert drawn == [8, 8]
    np.testing.assert_array_equal(cohorts["one"].start, cohorts["two"].start)
    assert cohorts["few"].start.shape[1] == 2


def test_the_words_of_a_batch_tell_what_is_dropped() -> None:
    plan = Plan("main", BLOBS, Start.by("glorot_uniform"), steps=1)
    assert plan.batch_words == replace(plan, batch=100).batch_words == "full batch"
    assert replace(plan, batch=32, dropout=0.5).batch_words == "shuffled mini-batches of 32, dropout 0.5"


def test_a_mini_batch_of_all_examples_trains_with_the_full_batch() -> None:
    full = Plan("full", BLOBS, Start.by("glorot_uniform"), 20, Optimizer("sgd", 0.1))
    plans = [
        full,
        replace(full, name="all", batch=100, optimizer=Optimizer("sgd", 0.01)),
        replace(full, name="more", batch=101),
        replace(full, name="few", batch=32),
    ]
    assert [plan.mini_batch for plan in plans] == [None, None, None, 32]
    cohorts = train_plans(plans, networks=3, seed=7, progress=lambda _: None)
    timings = [cohorts[plan.name].timing for plan in plans]  # one for each ensemble
    assert [timing is timings[0] for timing in timings] == [True, True, True, False]
    np.testing.assert_array_equal(cohorts["full"].parameters, cohorts["more"].parameters)
    assert (cohorts["full"].parameters != cohorts["few"].parameters).any()


# In company and alone.


def test_plans_of_one_program_are_one_ensemble_and_each_network_is_as_it_is_alone() -> None:
    plans = [
        ON_XOR,
        replace(ON_XOR, name="faster", optimizer=Optimizer(rate=0.1)),
        replace(ON_XOR, name="larger", start=Start.by("normal", 2.0)),
        replace(ON_XOR, name="narrow", width=3),
        replace(ON_XOR, name="held", trainable=but_biases(XOR.network, 0)),
        replace(ON_XOR, name="penalised", l2=0.1),
        replace(ON_XOR, name="few", members=[70, 2]),
    ]
    together = train(*plans, networks=5)
    assert list(together) == [plan.name for plan in plans]
    assert len(ensembles(together)) == 1
    for plan in plans:
        (alone,) = train(plan, networks=5).values()
        assert_same(together[plan.name], alone)


def test_mini_batches_and_dropout_follow_the_network_and_not_its_place() -> None:
    plans = [
        replace(ON_BLOBS, name="main", dropout=0.3),
        replace(ON_BLOBS, name="few", dropout=0.3, members=[4, 1]),
        replace(ON_BLOBS, name="faster", dropout=0.3, optimizer=Optimizer(rate=0.1)),
    ]
    together = train(*plans, networks=5)
    assert len(ensembles(together)) == 1
    for plan in plans:
        assert_same(together[plan.name], train(plan, networks=5)[plan.name])
    np.testing.assert_array_equal(together["few"].parameters, together["main"].parameters[:, [4, 1]])


def assert_same(one: Cohort, two: Cohort) -> None:
    for part in ("start", "parameters", "loss"):
        np.testing.assert_array_equal(getattr(one, part), getattr(two, part))
    for part in ("steps", "positions", "parameters", "loss"):
        np.testing.assert_array_equal(getattr(one.history, part), getattr(two.history, part))


@pytest.mark.parametrize(
    "other",
    [
        {"steps": 26},
        {"lab": XOR.on(lambda: xor.load(0), "XOR from 0 to 1")},
        {"lab": XOR.using("tanh", "tanh neurons")},
        {"optimizer": Optimizer("sgd")},
        {"optimizer": Optimizer("momentum", momentum=0.5)},
        {"batch": 2},
        {"dropout": 0.2},
    ],
    ids=lambda other: next(iter(other)),
)
def test_plans_that_differ_in_more_than_data_for_each_network_are_trained_apart(other: dict[str, Any]) -> None:
    changed = replace(ON_XOR, name="other", **other)
    cohorts = train(ON_XOR, changed)
    assert len(ensembles(cohorts)) == 2
    assert_same(cohorts["other"], train(changed)["other"])
    assert (cohorts["other"].parameters != cohorts["xor"].parameters).any()


def test_progress_counts_what_the_plans_cost() -> None:
    done: list[int] = []
    plans = [ON_XOR, replace(ON_BLOBS, members=range(7)), replace(ON_XOR, name="drawn", steps=0)]
    train_plans(plans, networks=3, seed=5, progress=done.append)
    assert [plan.cost(3) for plan in plans] == [75, 175, 0]
    assert sum(done) == 250


# What is drawn, held and masked.


def test_the_start_is_the_initializers() -> None:
    cohort = train(ON_XOR, networks=4)["xor"]
    np.testing.assert_array_equal(cohort.start, start(XOR.network, "glorot_uniform", seed=5, members=range(4)))
    assert GLOROT.words == "glorot_uniform, biases 0"


def test_members_are_the_networks_of_these_streams() -> None:
    chosen = train(replace(ON_XOR, members=[6, 0, 3]), networks=2)["xor"]
    every = train(ON_XOR, networks=7)["xor"]
    np.testing.assert_array_equal(chosen.start, every.start[:, [6, 0, 3]])
    np.testing.assert_array_equal(chosen.parameters, every.parameters[:, [6, 0, 3]])
    np.testing.assert_array_equal(chosen.loss, every.loss[[6, 0, 3]])


def test_what_is_held_does_not_move() -> None:
    cohort = train(replace(ON_XOR, trainable=but_biases(XOR.network, 0)))["xor"]
    (kernel, bias), (_, output_bias) = XOR.network.unpack(cohort.parameters - cohort.start)
    assert not bias.any()
    assert kernel.any(axis=(0, 1)).all()
    assert output_bias.all()


@pytest.mark.parametrize("trainable", [None, but_biases(XOR.network, 1)], ids=["all trained", "an output bias held"])
def test_masked_neurons_stay_zero_and_the_rest_is_the_narrow_network(trainable: Floats | None) -> None:
    cohort = train(replace(ON_XOR, width=4, trainable=trainable))["xor"]
    narrow = narrowed(XOR.network, 4)
    begin = start(narrow, "glorot_uniform", seed=5, members=range(3))
    np.testing.assert_array_equal(without_masked(XOR.network, cohort.start, 4), begin)
    assert cohort.width == 4
    (kernel, bias), (outgoing, output_bias) = XOR.network.unpack(cohort.parameters)
    assert kernel[:, :4].all()
    assert not kernel[:, 4:].any()
    assert not bias[4:].any()
    assert not outgoing[4:].any()
    assert output_bias.any() == (trainable is None)


def test_a_network_that_is_not_masked_is_as_wide_as_its_hidden_layer() -> None:
    cohorts = train(ON_XOR, ON_BLOBS)
    assert (cohorts["xor"].width, cohorts["blobs"].width) == (10, 2)


def test_the_penalty_makes_weights_small() -> None:
    plain = replace(ON_XOR, start=Start.by("normal"), steps=100)
    light, heavy = train(plain, replace(plain, name="heavy", l2=1.0)).values()
    assert (heavy.parameters**2).sum() < 0.5 * (light.parameters**2).sum()


# What is recorded.


@pytest.mark.parametrize(("recorded", "expected"), [(2, 2), (0, 0), (None, 5), (64, 5)])
def test_so_many_networks_have_a_history(recorded: int | None, expected: int) -> None:
    others = replace(ON_XOR, name="others", optimizer=Optimizer(rate=0.1))
    cohort = train(others, replace(ON_XOR, recorded=recorded), networks=5)["xor"]
    history = cohort.history
    assert history.positions.tolist() == list(range(expected))
    assert history.parameters.shape[2] == history.loss.shape[1] == expected
    if expected:
        assert tuple(history.steps) == log_spaced(25)
        np.testing.assert_array_equal(history.parameters[0], cohort.start[:, :expected])
        np.testing.assert_array_equal(history.parameters[-1], cohort.parameters[:, :expected])
        np.testing.assert_array_equal(history.loss[-1], cohort.loss[:expected])


def test_a_cohorts_first_64_are_recorded_unless_its_plan_says_otherwise() -> None:
    cohort = train(replace(ON_XOR, steps=2), networks=RECORDED + 1)["xor"]
    assert (cohort.loss.size, cohort.history.positions.size) == (65, 64)


def test_the_recorded_steps_are_one_cohort_step_after_step() -> None:
    cohort = train(replace(ON_XOR, recorded=2))["xor"]
    steps, history = cohort.over_steps, cohort.history
    assert steps.loss.shape == (2 * len(history.steps),)
    for at in range(len(history.steps)):
        part = slice(2 * at, 2 * at + 2)
        np.testing.assert_array_equal(steps.parameters[:, part], history.parameters[at])
        np.testing.assert_array_equal(steps.loss[part], history.loss[at])
        np.testing.assert_array_equal(steps.start[:, part], cohort.start[:, :2])
    assert (steps.plan, steps.history.positions.size) == (cohort.plan, 0)


# Networks that are only drawn.


def test_a_plan_of_no_steps_only_draws() -> None:
    drawn, trained = train(replace(ON_XOR, name="drawn", steps=0), ON_XOR).values()
    assert drawn.steps == 0
    np.testing.assert_array_equal(drawn.start, drawn.parameters)
    np.testing.assert_array_equal(drawn.start, trained.start)
    np.testing.assert_allclose(drawn.loss, trained.history.loss[0], rtol=1e-5)
    assert drawn.history.positions.size == drawn.history.steps.size == 0


@pytest.mark.parametrize("plan", [ON_XOR, ON_BLOBS, Plan("coffee", COFFEE, GLOROT, 25)], ids=lambda plan: plan.name)
def test_untrained_networks_are_those_that_were_trained_as_they_began(plan: Plan) -> None:
    trained = train(plan)[plan.name]
    begun = trained.untrained
    np.testing.assert_array_equal(begun.parameters, trained.start)
    np.testing.assert_array_equal(begun.start, trained.start)
    by_hand = losses(trained.network, trained.start, trained.data).mean(axis=0)
    np.testing.assert_allclose(begun.loss, by_hand, rtol=1e-6)
    assert (begun.steps, begun.plan, begun.width) == (0, plan, trained.width)


def test_the_data_are_those_of_the_lab() -> None:
    assert train(Plan("coffee", COFFEE, GLOROT, 1))["coffee"].data is coffee.load()


# What is read off.


@pytest.fixture
def counted() -> tuple[Callable[[Cohort], npt.NDArray[np.floating]], list[str]]:
    """Return a reading with the names of the cohorts that it was really taken of."""
    taken: list[str] = []

    @reading
    def largest(cohort: Cohort) -> npt.NDArray[np.floating]:
        """Return the largest parameter."""
        taken.append(cohort.plan.name)
        return np.asarray(cohort.parameters.max(axis=0))

    return largest, taken


def test_a_reading_is_taken_once_of_each_cohort(
    counted: tuple[Callable[[Cohort], npt.NDArray[np.floating]], list[str]],
) -> None:
    largest, taken = counted
    one, two = train(ON_XOR, replace(ON_XOR, name="two", members=[8])).values()
    for cohort in (one, two, one, two):
        np.testing.assert_array_equal(largest(cohort), cohort.parameters.max(axis=0))
    assert taken == ["xor", "two"]
    np.testing.assert_array_equal(largest(one.untrained), one.start.max(axis=0))
    np.testing.assert_array_equal(largest(replace(one, parameters=-one.parameters)), -one.parameters.min(axis=0))
    assert taken == ["xor", "two", "xor", "xor"]
    assert largest.__doc__ == "Return the largest parameter."
