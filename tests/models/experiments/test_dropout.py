"""Dropout: predictions under every mask are what drawn masks give, and the findings are counted so."""

import numpy as np
import pytest
from scipy.special import expit
from tensorflow import keras

from models.curve_readings import curves
from models.experiment import Result
from models.experiments.dropout import PREDICTING, gained, passes
from models.experiments.learning_curve import true_accuracy
from models.experiments.overfitting import others
from models.passes import Passes
from tests.models.conftest import Run, value_of


@pytest.fixture(scope="module")
def dropout(run: Run) -> Result:
    return run("dropout")


@pytest.fixture(scope="module")
def found(dropout: Result) -> Passes:
    return passes(dropout.cohorts[PREDICTING])


def test_passes_are_those_of_keras_with_dropout_left_on(dropout: Result, found: Passes) -> None:
    cohort, network, drawn = dropout.cohorts[PREDICTING], 3, 4000
    layers = [keras.layers.Dense(8, "relu"), keras.layers.Dropout(0.5, seed=1), keras.layers.Dense(1)]
    model = keras.Sequential([keras.Input((2,)), *layers])
    model.set_weights([part for layer in cohort.network.unpack(cohort.parameters[:, network]) for part in layer])
    x = others().x[:5]
    whole = found.sums[:5, network] + found.bias[network]
    np.testing.assert_allclose(model(x).numpy()[:, 0], whole, rtol=1e-4, atol=1e-5)  # off unless it is asked for
    np.testing.assert_allclose(model.predict(x, verbose=0)[:, 0], whole, rtol=1e-4, atol=1e-5)
    outputs = model(np.repeat(x, drawn, axis=0), training=True).numpy().reshape(5, drawn)
    chance = 5 * outputs.std(axis=1) / np.sqrt(drawn)
    assert (np.abs(outputs.mean(axis=1) - found.mean_sums[:5, network] - found.bias[network]) < chance + 1e-5).all()
    assert np.abs((outputs > 0).mean(axis=1) - found.ones[:5, network]).max() < 5 * 0.5 / np.sqrt(drawn)
    right = expit(outputs * (2 * others().labels[:5, None] - 1)).mean(axis=1)
    np.testing.assert_allclose(right, found.mean_right[:5, network], atol=5 * 0.5 / np.sqrt(drawn))


def test_divided_the_mean_of_all_passes_is_the_whole_network(dropout: Result, found: Passes) -> None:
    np.testing.assert_allclose(found.mean_sums, found.sums, rtol=1e-3, atol=1e-4)
    assert value_of(dropout, "mean_ratio.divided") == pytest.approx(1, abs=1e-5)
    assert value_of(dropout, "mean_ratio.undivided") == pytest.approx(0.5, abs=1e-5)


def test_losses_and_accuracies_are_those_of_the_outputs(dropout: Result, found: Passes) -> None:
    labels = others().labels[:, None]
    whole = found.sums + found.bias
    large = 2 * found.sums + found.bias
    for way, outputs in (("whole", whole), ("undivided", large)):
        loss = -np.log(np.where(labels == 1, expit(outputs), expit(-outputs))).mean(axis=0)
        assert value_of(dropout, f"predict_loss.{way}") == pytest.approx(np.median(loss), rel=1e-4)
        right = ((outputs > 0) == labels).mean(axis=0)
        assert value_of(dropout, f"predict_accuracy.{way}") == pytest.approx(np.median(right))
    # The cross-entropy is convex in the output, so that a pass costs at least what the whole network costs.
    assert (found.loss_left_on >= found.loss - 1e-6).all()
    assert value_of(dropout, "predict_accuracy.left_on") < value_of(dropout, "predict_accuracy.whole")
    assert value_of(dropout, "answers_differ.averaged") < 0.02 < value_of(dropout, "answers_differ.left_on")


def test_networks_are_compared_with_themselves_without_dropout(dropout: Result) -> None:
    for points in (20, 100):
        plain, other = (dropout.cohorts[f"{kind}.{points}"] for kind in ("plain", "dropout"))
        np.testing.assert_array_equal(plain.start, other.start)
        change = true_accuracy(other) - true_accuracy(plain)
        np.testing.assert_array_equal(gained(dropout.cohorts, points), change)
        assert dropout.share(f"better_share.{points}").count == np.count_nonzero(change >= 0.01)
        assert dropout.share(f"worse_share.{points}").count == np.count_nonzero(change <= -0.01)
        stopped = curves(plain).held_back_loss.min(axis=0) <= curves(other).held_back_loss[-1]
        assert dropout.share(f"stopping_share.{points}").count == np.count_nonzero(stopped)
        both = curves(plain).held_back_loss.min(axis=0) <= curves(other).held_back_loss.min(axis=0)
        assert dropout.share(f"both_stopping_share.{points}").count == np.count_nonzero(both)
    assert dropout.share("better_share.20").count > dropout.share("worse_share.20").count
    assert dropout.share("success.dropout.blobs").count < dropout.share("success.plain.blobs").count
