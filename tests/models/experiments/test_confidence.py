"""Confidence: what is counted of the blob never seen, of places far away, and of answers that are right."""

import numpy as np
import pytest
from tensorflow import keras

from models.confidence import asked_together, away, growth, seen_confidence, sure_everywhere, unseen_confidence
from models.datasets import blobs, overlapping
from models.experiment import Result
from models.experiments.confidence import LONGEST, NETWORKS, POINTS, STEPS, bins, lab
from models.labs.blobs import BLOBS
from models.network import Activation
from models.plans import Cohort
from tests.models.conftest import Run, by_hand, value_of


@pytest.fixture(scope="module")
def confidence(run: Run) -> Result:
    return run("confidence")


def test_three_blobs_are_learned_and_the_fourth_is_only_asked_about(confidence: Result) -> None:
    for name, unseen in NETWORKS:
        cohort = confidence.cohorts[f"{name}.{unseen}"]
        rows = {tuple(row) for row in cohort.data.x.tolist()}
        assert len(rows) == 75
        assert not rows & {tuple(row) for row in blobs.of(unseen).tolist()}
        assert rows <= {tuple(row) for row in BLOBS.data.x.tolist()}
        assert cohort.data.class_names == tuple(f"blob {blob}" for blob in range(4) if blob != unseen)
        assert cohort.data.targets.argmax(axis=1).tolist() == cohort.data.labels.tolist()
        assert np.mean(cohort.lab.succeed(cohort.parameters)) > 0.9


def test_keras_gives_the_same_probabilities_on_what_was_never_seen(confidence: Result) -> None:
    for name in ("relu.0", "tanh.1", "sigmoid.1"):
        cohort = confidence.cohorts[name]
        hidden = keras.layers.Dense(8, cohort.network.activation)
        model = keras.Sequential([keras.Input((2,)), hidden, keras.layers.Dense(3, "softmax")])
        model.set_weights([part for layer in cohort.network.unpack(cohort.parameters[:, 3]) for part in layer])
        told = np.asarray(model(blobs.of(int(name[-1])))).max(axis=1)
        np.testing.assert_allclose(unseen_confidence(cohort)[:, 3], told, atol=1e-5)
        sure = ((unseen_confidence(cohort) > 0.95).sum(axis=0) >= 12.5).sum()
        assert confidence.share(f"sure_on_unseen_share.{name}").count == sure


def test_five_networks_are_asked_together_by_their_mean_probabilities(confidence: Result) -> None:
    cohort = confidence.cohorts["relu.1"]
    outputs = cohort.network.forward(cohort.parameters[:, 5:10], blobs.of(1))[-1]
    each = np.exp(outputs - outputs.max(axis=1, keepdims=True))
    mean = (each / each.sum(axis=1, keepdims=True)).mean(axis=2)
    assert asked_together(cohort).shape == (12,)
    assert asked_together(cohort)[1] == pytest.approx(mean.max(axis=1).mean(), rel=1e-4)


def absolute(activation: Activation) -> Cohort:
    """Return a network whose first two outputs grow with x₁ and -x₁, the third is 0; another one is silent."""
    of = lab(activation, 1)
    parameters = np.zeros((of.network.size, 2), np.float32)
    (kernel, _), (outgoing, _) = of.network.unpack(parameters)
    kernel[0, 0, 0], kernel[0, 1, 0] = 1, -1
    outgoing[0, 0, 0], outgoing[1, 1, 0] = 1, 1
    return by_hand(of, parameters)


def test_a_relu_network_is_ever_surer_away_from_the_data_and_a_tanh_network_is_not() -> None:
    relu, tanh = absolute("relu"), absolute("tanh")
    assert growth(relu)[0] == pytest.approx(10, rel=1e-4)
    assert growth(tanh)[0] == pytest.approx(1, rel=1e-2)
    level = np.exp(1) / (np.exp(1) + np.exp(-1) + 1)  # the most that one tanh neuron each way can say
    assert away(relu)[-1, 0, 0] == pytest.approx(1)
    assert away(tanh)[[0, -1], 0, 0] == pytest.approx(level, abs=1e-4)
    assert not sure_everywhere(relu).any()  # straight up and down, nothing grows
    assert away(relu)[:, :, 1] == pytest.approx(1 / 3)  # a silent network knows nothing anywhere


def test_far_away_is_counted_over_all_directions(confidence: Result) -> None:
    for name in ("relu", "tanh", "sigmoid"):
        cohort = confidence.cohorts[f"{name}.1"]
        assert value_of(confidence, f"confidence_away.{name}") == pytest.approx(
            np.median(away(cohort)[-1].mean(axis=0))
        )
        assert np.median(seen_confidence(cohort)) > value_of(confidence, f"unseen_confidence.{name}.1")
    assert confidence.share("everywhere_sure_share.relu").count > confidence.share("everywhere_sure_share.tanh").count
    assert value_of(confidence, "growth.relu") > 5 * value_of(confidence, "growth.tanh")


def test_networks_begin_too_careful_and_become_too_sure(confidence: Result) -> None:
    gaps = [value_of(confidence, f"calibration_gap.{steps}") for steps in STEPS]
    assert gaps == sorted(gaps)
    assert gaps[0] < 0 < gaps[-1]
    assert gaps[-1] == value_of(confidence, f"gap_by_points.{POINTS}")
    assert abs(value_of(confidence, "gap_scaled")) < gaps[-1] / 2


def test_gaps_on_a_grid_are_those_on_a_large_sample(confidence: Result) -> None:
    cohort = confidence.cohorts[f"{POINTS}.{LONGEST}"]
    sample = overlapping.sample(np.random.default_rng(1), 20_000)
    outputs = cohort.network.forward(cohort.parameters[:, :4], sample.x)[-1][:, 0]
    said = 1 / (1 + np.exp(-np.abs(outputs)))
    right = (outputs > 0) == (sample.labels == 1)[:, None]
    assert (said - right).mean(axis=0) == pytest.approx(bins(cohort).gap[:4], abs=0.015)
