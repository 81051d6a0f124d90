"""Plans whose networks have examples of their own: one ensemble, repeatable, with curves; and plans that continue."""

from dataclasses import replace

import numpy as np
import pytest

from models.backpropagation import losses
from models.datasets import Dataset, overlapping
from models.ensemble import Optimizer
from models.ensemble import train as train_ensemble
from models.history import Recording
from models.labs import Lab
from models.labs.xor import XOR
from models.network import Network
from models.plans import Cohort, Plan, Start
from models.samples import Examples, Integers, OwnData, Sampler
from models.streams import Purpose
from tests.models.conftest import train

pytestmark = pytest.mark.slow

GLOROT = Start.by("glorot_uniform")
LAB = Lab(Network((2, 3, 1), "relu", "binary_crossentropy"), overlapping.load, overlapping.WORDS, "3 neurons", "right")
OWN = Sampler.each("own clouds", 12, overlapping.sample)
KEPT = Sampler.each("own clouds", 40, overlapping.sample, Purpose.HELD_BACK)
PLAN = Plan("own", LAB, GLOROT, 40, learned=OWN, held_back=KEPT, curve_every=10)


def assert_same(one: Cohort, two: Cohort) -> None:
    assert one.curves is not None
    assert two.curves is not None
    np.testing.assert_array_equal(one.parameters, two.parameters)
    np.testing.assert_array_equal(one.loss, two.loss)
    np.testing.assert_array_equal(one.curves.steps, two.curves.steps)
    for each, other in zip(one.curves.values, two.curves.values, strict=True):
        np.testing.assert_array_equal(each, other)


@pytest.mark.parametrize("batch", [None, 5])
def test_samples_noise_and_weights_are_one_ensemble_and_each_network_is_as_it_is_alone(batch: int | None) -> None:
    plan = replace(PLAN, batch=batch)
    plans = [
        plan,
        replace(plan, name="few", learned=OWN.first(4, "four")),
        replace(plan, name="noisy", learned=OWN.flipped(0.25, "noisy")),
        replace(plan, name="weighted", learned=OWN.weighted({1: 3.0}, "weighted")),
        replace(plan, name="member", members=[70, 1], l2=0.1),
    ]
    together = train(*plans, networks=4)
    assert len({id(cohort.timing) for cohort in together.values()}) == 1
    for each in plans:
        assert_same(together[each.name], train(each, networks=2 if each.members else 4)[each.name])
    ends = np.concatenate([cohort.parameters for cohort in together.values()], axis=1)
    assert len(np.unique(ends, axis=1).T) == ends.shape[1]


@pytest.mark.parametrize("batch", [None, 5])
def test_the_shown_loss_is_the_mean_of_the_steps_losses_by_their_rows(batch: int | None) -> None:
    plan = replace(PLAN, batch=batch, steps=9, curve_every=1, l2=0.1)
    every = train(plan)["own"].curves
    few = train(replace(plan, curve_every=3, recorded=2))["own"].curves  # recording cuts segments, and changes nothing
    assert every is not None
    assert few is not None
    sizes = np.array([5, 5, 2] * 3 if batch else [12] * 9)[:, None]
    rows = every.shown_loss[1:] * sizes  # (steps, networks)
    expected = rows.reshape(3, 3, -1).sum(axis=1) / sizes.reshape(3, 3, 1).sum(axis=1)
    np.testing.assert_allclose(few.shown_loss[1:], expected, rtol=1e-5)
    if batch is None:  # the whole data before each step, with the penalty
        assert (every.shown_loss[1:] > every.loss[:-1]).all()


def test_networks_of_many_blocks_have_their_own_examples() -> None:
    every, few = train(PLAN, networks=130)["own"], train(replace(PLAN, members=[129, 64, 3]))["own"]
    np.testing.assert_array_equal(every.parameters[:, [129, 64, 3]], few.parameters)
    assert every.curves is not None
    assert few.curves is not None
    np.testing.assert_array_equal(every.curves.held_back_loss[:, [129, 64, 3]], few.curves.held_back_loss)


@pytest.mark.parametrize("dropout", [0.0, 0.4])
def test_examples_that_take_several_tiles_are_learned_as_in_one_piece(dropout: float) -> None:
    shared = overlapping.load(130)
    lab = replace(LAB, load=lambda: shared)
    plain = Plan("plain", lab, GLOROT, 20, dropout=dropout)
    own = replace(plain, name="own", learned=Sampler.shared("the same 130 points", shared))
    fewer = [replace(own, name=str(rows), learned=own.learned and own.learned.first(rows, "few")) for rows in (101, 20)]
    together = train(plain, own, *fewer, networks=3)
    np.testing.assert_allclose(together["own"].parameters, together["plain"].parameters, rtol=1e-4, atol=1e-5)
    for each in fewer:
        np.testing.assert_array_equal(together[each.name].parameters, train(each, networks=3)[each.name].parameters)
        assert not np.allclose(together[each.name].parameters, together["own"].parameters)


def test_curves_are_losses_and_accuracies_of_the_networks_at_these_steps() -> None:
    plan = replace(PLAN, learned=OWN.first(6, "six").weighted({1: 2.0}, "weighted"))
    cohort = train(plan)["own"]
    curves = cohort.curves
    assert curves is not None
    assert curves.steps.tolist() == [0, 10, 20, 30, 40]
    for sampler, loss, accuracy in (
        (plan.learned, curves.loss, curves.accuracy),
        (plan.held_back, curves.held_back_loss, curves.held_back_accuracy),
    ):
        assert sampler is not None
        examples = sampler.draw(5, np.arange(3))
        for network in range(3):
            x, targets = examples.x[..., network], examples.targets[..., network]
            data = Dataset(x, targets, examples.labels[:, network], (), ())
            for row, parameters in ((0, cohort.start), (-1, cohort.parameters)):
                own, weights = parameters[:, network : network + 1], examples.weights[:, network]
                each = losses(LAB.network, own, data)[:, 0]
                right = LAB.network.right(LAB.network.forward(own, data.x)[-1], data.labels)[:, 0]
                assert loss[row, network] == pytest.approx((each * weights).sum() / (weights > 0).sum(), abs=1e-6)
                assert accuracy[row, network] == pytest.approx(right[weights > 0].mean())
    np.testing.assert_array_equal(cohort.loss, curves.loss[-1])


def test_rows_without_weight_change_nothing() -> None:
    def other(seed: int, members: Integers) -> Examples:
        drawn = OWN.first(4, "four").draw(seed, members)
        there = drawn.weights[:, None] > 0
        return replace(drawn, x=np.where(there, drawn.x, 9).astype(np.float32))

    plans = [replace(PLAN, learned=OWN.first(4, "four")), replace(PLAN, name="other", learned=Sampler("", 12, other))]
    one, two = train(*plans).values()
    np.testing.assert_array_equal(one.parameters, two.parameters)


def test_what_is_not_held_back_is_measured_as_nan_and_values_have_no_accuracy() -> None:
    cohort = train(replace(PLAN, held_back=None))["own"]
    assert cohort.curves is not None
    assert np.isfinite(cohort.curves.accuracy).all()
    assert np.isnan(cohort.curves.held_back_loss).all()
    values = replace(LAB, network=replace(LAB.network, loss="squared_error"))
    curves = train(replace(PLAN, lab=values))["own"].curves
    assert curves is not None
    assert np.isnan(curves.held_back_accuracy).all()
    assert np.isfinite(curves.held_back_loss).all()


def test_what_diverged_is_not_right() -> None:
    curves = train(replace(PLAN, optimizer=Optimizer("sgd", 1e30)))["own"].curves
    assert curves is not None
    assert (curves.held_back_accuracy[-1] == 0).all()


def test_untrained_networks_have_the_first_step_of_their_curves() -> None:
    begun = train(PLAN)["own"].untrained
    drawn = train(replace(PLAN, steps=0))["own"]
    assert begun.curves is not None
    assert begun.curves.steps.tolist() == [0]
    assert_same(begun, drawn)


def test_what_is_held_back_takes_examples_to_learn() -> None:
    with pytest.raises(ValueError, match="own: what is held back takes"):
        replace(PLAN, learned=None)


def test_examples_of_a_wrong_shape_are_refused() -> None:
    wrong = OwnData(12, lambda positions: OWN.draw(1, positions[:-1]))
    start = GLOROT.draw(LAB.network, 1, np.arange(3))
    with pytest.raises(ValueError, match=r"x of each network's own must have shape \(12, 2, 64\)"):
        train_ensemble(LAB.network, start, wrong, Optimizer(), steps=1)


def test_curves_take_examples_of_each_networks_own() -> None:
    start = GLOROT.draw(XOR.network, 1, np.arange(3))
    with pytest.raises(ValueError, match="curves are recorded only"):
        train_ensemble(XOR.network, start, XOR.data, Optimizer(), steps=1, recording=Recording((), (), (1,)))


# Plans that continue others.

ON_XOR = Plan("first", XOR, GLOROT, 20)
FLIPPED = XOR.on(lambda: replace(XOR.data, targets=1 - XOR.data.targets), "XOR, flipped")


@pytest.mark.parametrize("width", [None, 4])
def test_a_plan_continues_from_where_another_ended_wherever_it_stands(width: int | None) -> None:
    first = replace(ON_XOR, width=width)
    second = replace(first, name="second", steps=30, continues="first", optimizer=Optimizer("sgd", 0.1))
    third = replace(second, name="third", continues="second")
    found = train(third, second, first)
    assert list(found) == ["third", "second", "first"]
    np.testing.assert_array_equal(found["second"].start, found["first"].parameters)
    np.testing.assert_array_equal(found["third"].start, found["second"].parameters)
    # Without a memory in the optimiser, twenty steps and thirty are fifty.
    plain = replace(first, optimizer=Optimizer("sgd", 0.1))
    parts = train(plain, second)
    np.testing.assert_array_equal(parts["second"].parameters, train(replace(plain, steps=50))["first"].parameters)


def test_a_plan_cannot_continue_what_is_not_there_or_other_networks() -> None:
    with pytest.raises(ValueError, match="second continues 'first', which is no plan of the run"):
        train(replace(ON_XOR, name="second", continues="first"))
    with pytest.raises(ValueError, match="second cannot continue first"):
        train(ON_XOR, replace(ON_XOR, name="second", continues="first", members=[4, 5, 6]))
    with pytest.raises(ValueError, match="second cannot continue first"):
        train(ON_XOR, replace(ON_XOR, name="second", continues="first", width=3))


def test_a_padded_network_takes_no_width() -> None:
    with pytest.raises(ValueError, match="takes no width"):
        replace(ON_XOR, width=2, padded_to=XOR.network)


def test_a_penalty_on_weights_leaves_biases_alone() -> None:
    plan = replace(ON_XOR, l2=0.5, penalise_biases=False)
    (kernel, bias), (outgoing, output_bias) = XOR.network.unpack(plan.penalty)
    assert (kernel == 0.5).all()
    assert (outgoing == 0.5).all()
    assert not bias.any()
    assert not output_bias.any()
    assert (replace(plan, penalise_biases=True).penalty == 0.5).all()
