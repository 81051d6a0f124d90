"""Output units: two softmax units are one sigmoid unit, four sigmoids no softmax, and findings are counted so."""

import warnings

import numpy as np
import pytest
import tensorflow as tf
from tensorflow import keras

from models.datasets import coffee
from models.experiment import Result
from models.experiments.output_units import OUTPUTS, one_hot_roasts, probabilities
from models.labs.blobs import BLOBS
from tests.models.conftest import Run, value_of


@pytest.fixture(scope="module")
def units(run: Run) -> Result:
    return run("output-units")


def test_every_kind_of_output_is_counted_by_its_largest(units: Result) -> None:
    for name in OUTPUTS:
        cohort = units.cohorts[name]
        outputs = cohort.network.forward(cohort.parameters, cohort.data.x)[-1]
        answers = outputs[:, 0] > 0 if outputs.shape[1] == 1 else outputs.argmax(axis=1)
        right = (answers == cohort.data.labels[:, None]).mean(axis=0)
        assert units.share(f"success.{name}").count == np.count_nonzero(right >= cohort.lab.accuracy)
        assert units.share(f"success.{name}").of == 64


def test_two_units_begin_as_one_and_stay_it_only_with_one_logit_held(units: Result) -> None:
    one, same, held = (units.cohorts[name] for name in ("one_sigmoid", "two_same", "two_held"))
    np.testing.assert_allclose(probabilities(same.untrained)[:, 1], probabilities(one.untrained)[:, 0], atol=1e-6)
    np.testing.assert_array_equal(held.start, same.start)
    (_, (kernel, bias)) = held.network.unpack(held.parameters)
    assert not kernel[:, 0].any()
    assert not bias[0].any()
    assert (np.abs(kernel[:, 1]) > 0).all()
    gaps = np.abs(probabilities(held)[:, 1] - probabilities(one)[:, 0]).max(axis=0)
    assert units.share("agree_share.two_held").count == np.count_nonzero(gaps <= 0.001) > 56
    assert value_of(units, "apart.two_held") == pytest.approx(np.median(gaps))
    assert units.share("agree_share.two_same").count < 8
    assert value_of(units, "apart.two_same") > 100 * value_of(units, "apart.two_held")
    assert units.share("success.two_same").count > units.share("success.one_sigmoid").count
    assert value_of(units, "difference.two_softmax") < 1e-12


def test_targets_of_two_units_are_those_of_one_in_two_columns() -> None:
    np.testing.assert_array_equal(one_hot_roasts().targets[:, 1:], coffee.load().targets)
    np.testing.assert_array_equal(one_hot_roasts().targets.sum(axis=1), 1)


def test_four_sigmoids_add_up_to_anything_and_a_softmax_to_one(units: Result) -> None:
    cohort = units.cohorts["sigmoids"]
    found = 1 / (1 + np.exp(-cohort.network.forward(cohort.parameters, BLOBS.data.x)[-1].astype(float)))
    assert value_of(units, "sum_gap.sigmoids") == pytest.approx(np.median(np.abs(found.sum(axis=1) - 1).max(axis=0)))
    assert value_of(units, "sum_gap.softmax") < 1e-12
    claimed = (found > 0.5).sum(axis=1)  # (points, networks)
    assert units.share("no_answer_share.sigmoids").count == np.count_nonzero((claimed == 0).any(axis=0))
    assert units.share("several_answers_share.sigmoids").count == np.count_nonzero((claimed > 1).any(axis=0))
    assert units.share("several_answers_share.softmax").count == 0
    assert units.share("success.softmax").count > units.share("success.sigmoids").count


def test_spare_outputs_lose_nearly_all_their_probability(units: Result) -> None:
    cohort = units.cohorts["spare"]
    assert set(cohort.data.labels.tolist()) == {0, 1}
    expected = np.median(probabilities(cohort)[:, 2:].sum(axis=1).mean(axis=0))
    assert value_of(units, "spare_probability") == pytest.approx(expected)
    assert 0 < expected < 0.05 < value_of(units, "spare_probability_at_start")
    far = np.array([[x, y] for x in range(-20, 21) for y in range(-20, 21)], np.float32)
    winners = cohort.network.forward(cohort.parameters, far)[-1].argmax(axis=1)
    assert units.share("spare_wins_share").count == np.count_nonzero((winners > 1).any(axis=0))


@pytest.mark.parametrize("looks_behind", [True, False])
def test_keras_answers_always_one_with_a_softmax_over_one_unit(units: Result, looks_behind: bool) -> None:
    # Keras' loss finds the number before a softmax that is the layer's activation, and takes it for a sigmoid's logit.
    cohort = units.cohorts["one_sigmoid"]
    before = [part for layer in cohort.network.unpack(cohort.start[:, 0]) for part in layer]
    model = keras.Sequential(
        [keras.Input((2,)), keras.layers.Dense(3, "sigmoid"), keras.layers.Dense(1, activation="softmax")]
    )
    model.set_weights(before)
    crossentropy = keras.losses.BinaryCrossentropy()
    loss = crossentropy if looks_behind else lambda targets, outputs: crossentropy(targets, tf.identity(outputs))
    model.compile(keras.optimizers.Adam(0.05), loss)
    roasts = coffee.load()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        losses = model.fit(roasts.x, roasts.targets, epochs=10, batch_size=200, verbose=0).history["loss"]
        answers = model.predict(roasts.x, verbose=0)
    assert any("will always return the value 1" in str(each.message) for each in caught)
    assert answers.min() > 0.99999  # 1, but for rounding
    moved = max(np.abs(old - new).max() for old, new in zip(before, model.get_weights(), strict=True))
    if looks_behind:
        assert moved > 0.1
        assert losses[-1] < losses[0]
    else:
        assert moved == 0
    assert units.share("one_softmax_unit").count == 64
    assert value_of(units, "accuracy.one_softmax_unit") == (answers[:, 0].round() == roasts.labels).mean()
