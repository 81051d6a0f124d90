"""Where the softmax is: the losses are what Keras makes of the mistakes, and the findings are counted so."""

import warnings

import numpy as np
import numpy.typing as npt
import pytest
import tensorflow as tf
from tensorflow import keras

from models import equations
from models.experiment import Result
from models.experiments.logits import (
    FLOOR,
    HIGHEST,
    LARGE,
    WAYS,
    crossentropies,
    error_ratio,
    likelihood,
    renormalised_is_nan,
    same_bits,
)
from models.labs.blobs import BLOBS
from models.readings import forward
from tests.models.conftest import Run, value_of

LABELS = BLOBS.data.labels


@pytest.fixture(scope="module")
def logits(run: Run) -> Result:
    return run("logits")


def outputs_of(result: Result, name: str) -> npt.NDArray[np.float32]:
    return forward(result.cohorts[name])[-1].astype(np.float32)  # (rows, classes, networks)


def test_all_ways_begin_with_the_same_weights_and_are_counted_by_one_bar(logits: Result) -> None:
    first, *others = (logits.cohorts[name] for name in WAYS)
    for other in others:
        np.testing.assert_array_equal(other.start, first.start)
    for name in WAYS:
        right = (outputs_of(logits, name).argmax(axis=1) == LABELS[:, None]).mean(axis=0) >= 0.99
        assert logits.share(f"success.{name}").count == np.count_nonzero(right)
        assert logits.share(f"success.{name}").of == 64


def test_without_a_softmax_the_networks_fail_and_with_two_they_answer_well(logits: Result) -> None:
    assert logits.share("success.right").count > 32
    assert logits.share("success.twice").count > 32
    assert logits.share("success.none").count < 4


def test_a_softmax_of_a_softmax_has_a_floor(logits: Result) -> None:
    sure = np.array([1000.0, 0, 0, 0])
    once = np.exp(sure - 1000) / np.exp(sure - 1000).sum()
    twice = np.exp(once) / np.exp(once).sum()
    assert HIGHEST == pytest.approx(twice[0]) == pytest.approx(0.4754, abs=1e-4)
    assert value_of(logits, "loss_floor.twice") == pytest.approx(-np.log(twice[0])) == pytest.approx(FLOOR)
    assert value_of(logits, "greatest_probability.twice") <= HIGHEST
    assert FLOOR <= value_of(logits, "least_loss.twice") <= value_of(logits, "loss.twice")
    assert value_of(logits, "greatest_probability.right") > 0.9
    for name in ("right", "twice"):
        cohort = logits.cohorts[name]
        np.testing.assert_allclose(-np.log(likelihood(cohort)).mean(axis=0), cohort.loss, rtol=1e-3, atol=1e-5)


def test_errors_behind_two_softmaxes_are_those_that_tensorflow_finds(logits: Result) -> None:
    cohort = logits.cohorts["twice"]
    outputs = cohort.network.forward(cohort.start[:, :5], cohort.data.x)[-1]
    sizes = []
    for name in ("twice", "right"):
        values = tf.constant(outputs)
        with tf.GradientTape() as tape:
            tape.watch(values)
            found = equations.sample_losses(WAYS[name], values, tf.constant(BLOBS.data.targets[:, :, None]))
        sizes.append(np.sqrt((tape.gradient(found, values).numpy() ** 2).sum(axis=(0, 1))))
    np.testing.assert_allclose(error_ratio(cohort)[:5], sizes[0] / sizes[1], rtol=1e-4)
    assert value_of(logits, "error_ratio.twice") == pytest.approx(np.median(error_ratio(cohort)))


def test_the_formulas_agree_where_both_are_numbers_and_only_the_stable_one_bears_large_logits(logits: Result) -> None:
    outputs = outputs_of(logits, "right")
    naive, stable = (crossentropies(outputs, LABELS, stable=each) for each in (False, True))
    both = np.isfinite(naive) & (naive < 10)
    np.testing.assert_allclose(naive[both], stable[both], atol=1e-4)
    large = crossentropies(outputs * np.float32(LARGE), LABELS, stable=False)
    assert logits.share("not_finite.naive").count == np.count_nonzero(~np.isfinite(large).all(axis=0)) > 32
    assert logits.share("not_finite.stable").count == 0


def test_the_form_of_the_labels_does_not_matter_to_the_last_bit(logits: Result) -> None:
    assert same_bits(logits.cohorts["right"]).all()
    outputs = outputs_of(logits, "right")[..., :3].transpose(2, 0, 1).reshape(-1, 4)
    labels = np.tile(LABELS, 3)
    whole = keras.losses.sparse_categorical_crossentropy(labels, outputs, from_logits=True).numpy()
    one_hot = keras.losses.categorical_crossentropy(np.eye(4)[labels], outputs, from_logits=True).numpy()
    np.testing.assert_allclose(whole, one_hot, atol=1e-5)  # two programs, which round differently
    ours = crossentropies(outputs_of(logits, "right")[..., :3], LABELS)
    np.testing.assert_allclose(ours.T.ravel(), whole, atol=1e-5)


def test_keras_renormalises_one_hot_predictions_and_gives_nan_where_they_sum_to_zero(logits: Result) -> None:
    cohort = logits.cohorts["none"]
    outputs = BLOBS.network.forward(cohort.start, BLOBS.data.x)[-1].astype(np.float32)
    broken = renormalised_is_nan(logits.cohorts["right"])
    assert logits.share("nan_share.renormalised").count == np.count_nonzero(broken)
    for network in (int(broken.argmax()), int(broken.argmin())):
        found = keras.losses.categorical_crossentropy(np.eye(4)[LABELS], outputs[..., network]).numpy()
        assert np.isnan(found).any() == broken[network]
        found = keras.losses.sparse_categorical_crossentropy(LABELS, outputs[..., network]).numpy()
        assert np.isfinite(found).all()


@pytest.mark.parametrize("softmax", ["of the layer", "a layer of its own"])
def test_keras_looks_behind_a_softmax_and_warns(logits: Result, softmax: str) -> None:
    start = BLOBS.network.unpack(logits.cohorts["right"].start[:, 0])
    inside = softmax == "of the layer"
    last = keras.layers.Dense(4, activation="softmax" if inside else None)
    model = keras.Sequential(
        [keras.Input((2,)), keras.layers.Dense(2, "relu"), last, *([] if inside else [keras.layers.Softmax()])]
    )
    model.set_weights([part for layer in start for part in layer])
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        shown = float(model.train_on_batch(BLOBS.data.x, LABELS))
    assert any("does not represent logits" in str(each.message) for each in caught)
    outputs = BLOBS.network.forward(logits.cohorts["right"].start[:, :1], BLOBS.data.x)[-1]
    assert shown == pytest.approx(float(crossentropies(outputs, LABELS).mean()), rel=1e-5)
