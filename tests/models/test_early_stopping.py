"""Early stopping: the rule is that of Keras, and what was lost is counted against the best of all epochs."""

import numpy as np
import pytest
from tensorflow import keras

from models.early_stopping import at, lost, stop, too_soon

pytestmark = pytest.mark.slow  # loads TensorFlow to compare with


class Standing:
    """What Keras' callback sees of a model: weights, here the number of the epoch, and whether to stop."""

    stop_training = False
    weights = 0

    def get_weights(self) -> int:
        return self.weights

    def set_weights(self, weights: int) -> None:
        self.weights = weights


def by_keras(losses: list[float], patience: int) -> tuple[int, int]:
    """Return after which epoch Keras' callback ends training, and from which its weights are."""
    callback = keras.callbacks.EarlyStopping("val_loss", patience=patience, restore_best_weights=True, mode="min")
    model, ended = Standing(), 0
    callback.set_model(model)
    callback.on_train_begin()
    for epoch, loss in enumerate(losses):
        model.weights = ended = epoch + 1
        callback.on_epoch_end(epoch, {"val_loss": loss})
        if model.stop_training:
            break
    callback.on_train_end()
    return ended, model.weights


@pytest.mark.parametrize("patience", [1, 2, 3, 10])
def test_training_ends_where_keras_ends_it_with_the_weights_that_keras_brings_back(patience: int) -> None:
    generator = np.random.default_rng(5)
    loss = np.cumsum(generator.normal(-0.01, 0.1, (31, 40)), axis=0).round(2)  # rounded, so that some are equal
    loss[0] = -9  # before training: not asked
    where = stop(loss, patience)
    for network in range(40):
        mine = int(where.ended[network]), int(where.best[network])
        assert mine == by_keras(loss[1:, network].tolist(), patience)


def test_a_lower_loss_that_comes_later_is_missed_and_what_it_costs_is_told() -> None:
    loss = np.array([[0.9, 0.9], [0.5, 0.5], [0.6, 0.4], [0.7, 0.3], [0.2, 0.35]])
    assert too_soon(loss, 2).tolist() == [True, False]
    assert lost(loss, 2, "best").tolist() == pytest.approx([0.3, 0.0])
    assert lost(loss, 2, "ended").tolist() == pytest.approx([0.5, 0.05])
    assert at(np.array([1, 3]), loss).tolist() == [0.5, 0.3]


def test_what_is_not_finite_is_no_improvement() -> None:
    loss = np.array([[1.0, 1.0], [0.5, np.nan], [np.nan, np.nan], [0.4, np.nan]])
    assert stop(loss, 1).ended.tolist() == [2, 1]
    assert stop(loss, 2).best.tolist() == [3, 1]
    assert np.isnan(lost(loss, 2, "ended")[1]) or np.isinf(lost(loss, 2, "ended")[1])


def test_untrained_networks_end_where_they_began_and_no_patience_is_refused() -> None:
    assert stop(np.array([[0.7, 0.8]]), 3).ended.tolist() == [0, 0]
    with pytest.raises(ValueError, match="patience must be 1 or more"):
        stop(np.ones((3, 1)), 0)
