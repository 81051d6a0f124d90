"""The engine against Keras: the same starts and the same batches lead `keras.Model.fit` to the same parameters."""

from collections.abc import Callable
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import tensorflow as tf
from tensorflow import keras

from models import ensemble, equations
from models.datasets import Dataset
from models.ensemble import Optimizer, OptimizerName
from models.initializers import start
from models.network import Activation, Loss, Network
from models.program import BLOCK

pytestmark = pytest.mark.slow

Floats = npt.NDArray[np.float32]
Visited = Callable[..., npt.NDArray[np.int32]]
Batches = Callable[[int], Any]  # A network's position -> its batches, one for each step, as a tf.data.Dataset.

ACTIVATIONS: tuple[Activation, ...] = ("linear", "relu", "sigmoid", "tanh")
LOSSES: tuple[Loss, ...] = ("binary_crossentropy", "softmax_crossentropy", "squared_error")
RATES: dict[OptimizerName, float] = {"sgd": 0.05, "momentum": 0.02, "adam": 0.01}
MOMENTUM = 0.9
SEED = 20
STEPS = 400
TOLERANCE = 2e-6
NUDGES = 12  # Fewer miss networks that rounding drives apart, and which ones differs from processor to processor.
COMPARED = 3  # Networks of each ensemble that are compared, each with a Keras model of its own.

# A Latin square: in shuffled batches every pair of activation, loss and optimiser meets once. On the full batch, which
# differs by the rows that a step takes and by nothing else, each of them is met with.
SQUARE = list(product(enumerate(ACTIVATIONS), enumerate(LOSSES)))
SHUFFLED = [(activation, loss, tuple(RATES)[(row + column + 1) % 3]) for (row, activation), (column, loss) in SQUARE]
FULL_BATCH = [(activation, LOSSES[row % 3], tuple(RATES)[2 - row % 3]) for row, activation in enumerate(ACTIVATIONS)]
# Learners' mistakes with the softmax are compared once each; both share what the cross-entropy is made of.
FULL_BATCH += [("relu", "softmax_twice", "adam")]
SHUFFLED += [("relu", "raw_crossentropy", "adam")]


def test_several_sigmoids_agree_with_keras(examples: dict[str, Dataset]) -> None:
    data = examples["softmax_crossentropy"]
    network = Network((2, 3, 4), "relu", "binary_crossentropy")
    starts, members, trained = steady_networks(network, data, "adam", batch_size=None)

    def batches(_: int) -> Any:
        return tf.data.Dataset.from_tensors((data.x, data.targets)).repeat(STEPS)

    difference = np.abs(trained - keras_trained(network, starts, "adam", batches, STEPS)).max(axis=0)
    assert difference.max() <= TOLERANCE, f"networks {members} differ from Keras by {difference}"


@pytest.mark.parametrize(("activation", "loss", "optimizer"), FULL_BATCH)
def test_full_batch_training_agrees_with_keras(
    examples: dict[str, Dataset], activation: Activation, loss: Loss, optimizer: OptimizerName
) -> None:
    data = examples[loss]
    network = Network((2, 3, data.targets.shape[1]), activation, loss)
    starts, members, trained = steady_networks(network, data, optimizer, batch_size=None)

    def batches(_: int) -> Any:
        return tf.data.Dataset.from_tensors((data.x, data.targets)).repeat(STEPS)

    difference = np.abs(trained - keras_trained(network, starts, optimizer, batches, STEPS)).max(axis=0)
    assert difference.max() <= TOLERANCE, f"networks {members} differ from Keras by {difference}"


@pytest.mark.parametrize(("activation", "loss", "optimizer"), SHUFFLED)
def test_training_in_shuffled_batches_with_a_short_last_one_agrees_with_keras(
    examples: dict[str, Dataset], visited_rows: Visited, activation: Activation, loss: Loss, optimizer: OptimizerName
) -> None:
    data = examples[loss]
    network = Network((2, 3, data.targets.shape[1]), activation, loss)
    starts, members, trained = steady_networks(network, data, optimizer, batch_size=32)
    every = visited_rows(examples=100, batch=32, epochs=STEPS // 4, seed=SEED, members=BLOCK)
    rows = every[..., members]  # (epochs, 100, networks)

    def batches(column: int) -> Any:
        # Keras shuffles nothing here: the rows come reordered for each epoch, and Keras cuts them into batches.
        epochs = tf.data.Dataset.from_tensor_slices((data.x[rows[..., column]], data.targets[rows[..., column]]))
        return epochs.flat_map(lambda x, y: tf.data.Dataset.from_tensor_slices((x, y)).batch(32))

    difference = np.abs(trained - keras_trained(network, starts, optimizer, batches, STEPS)).max(axis=0)
    assert difference.max() <= TOLERANCE, f"networks {members} differ from Keras by {difference}"


@pytest.mark.parametrize(("sizes", "batch_size"), [((2, 4, 4), None), ((2, 4, 3, 4), 32)])
def test_dropout_agrees_with_keras_layers_that_multiply_by_the_same_masks(
    examples: dict[str, Dataset], visited_rows: Visited, sizes: tuple[int, ...], batch_size: int | None
) -> None:
    data, steps, dropout = examples["softmax_crossentropy"], 100, 0.3
    network = Network(sizes, "tanh", "softmax_crossentropy")
    members = np.arange(COMPARED)
    starts = start(network, "glorot_uniform", seed=SEED, members=members)
    trained = ensemble.train(
        network,
        starts,
        data,
        Optimizer("adam", RATES["adam"]),
        steps=steps,
        batch_size=batch_size,
        dropout=dropout,
        seed=SEED,
    ).parameters
    rows = visited_rows(examples=100, batch=32, epochs=steps // 4, seed=SEED, members=COMPARED) if batch_size else None
    keys = tf.constant(ensemble._keys(SEED, members))
    masks = [
        equations.dropout_masks(network, keys, tf.constant(dropout), tf.constant(step), 100) for step in range(steps)
    ]

    def batches(column: int) -> Any:
        def each() -> Any:
            for step in range(steps):
                if rows is None:
                    chosen: npt.NDArray[np.int32] = np.arange(100, dtype=np.int32)
                else:
                    epoch, place = divmod(step, 4)
                    chosen = rows[epoch, 32 * place : 32 * place + 32, column]
                layers = tuple(mask[: len(chosen), :, column] for mask in masks[step])
                yield (data.x[chosen], *layers), data.targets[chosen]

        shapes = tuple(tf.TensorSpec((None, units)) for units in sizes[:-1])
        return tf.data.Dataset.from_generator(each, output_signature=(shapes, tf.TensorSpec((None, sizes[-1]))))

    found = keras_trained(network, starts, "adam", batches, steps, masked=True)
    assert np.abs(trained - found).max() <= TOLERANCE
    assert np.abs(trained - starts).max() > 0.1, "nothing was trained, so the agreement says nothing"


def keras_trained(
    network: Network, starts: Floats, optimizer: OptimizerName, batches: Batches, steps: int, *, masked: bool = False
) -> Floats:
    """Train one Keras model after the other from ``starts`` (P, networks); return their parameters (P, networks).

    With ``masked`` the model takes, after the features, a mask for each hidden layer to multiply its output with.
    """
    inputs = [keras.Input((units,)) for units in (network.sizes[:-1] if masked else network.sizes[:1])]
    values = inputs[0]
    for index, units in enumerate(network.sizes[1:-1]):
        values = keras.layers.Dense(units, network.activation)(values)
        if masked:
            values = keras.layers.Multiply()([values, inputs[1 + index]])
    model = keras.Model(inputs if masked else inputs[0], keras.layers.Dense(network.sizes[-1])(values))
    model.compile(
        optimizer=keras_optimizer(optimizer),
        loss={
            "binary_crossentropy": keras.losses.BinaryCrossentropy(from_logits=True),
            "softmax_crossentropy": keras.losses.CategoricalCrossentropy(from_logits=True),
            # Without tf.identity, Keras finds the values before the softmax, and takes those for logits.
            "softmax_twice": lambda targets, outputs: keras.losses.CategoricalCrossentropy(from_logits=True)(
                targets, tf.identity(tf.nn.softmax(outputs))
            ),
            "raw_crossentropy": lambda targets, outputs: keras.losses.SparseCategoricalCrossentropy(from_logits=False)(
                tf.argmax(targets, axis=1), outputs
            ),
            "squared_error": keras.losses.MeanSquaredError(),
        }[network.loss],
        jit_compile=False,
        steps_per_execution=steps,
    )
    model.optimizer.build(model.trainable_variables)
    fresh = [variable.numpy() for variable in model.optimizer.variables]
    found = []
    for column in range(starts.shape[1]):
        # One model is compiled for all networks, since that is what takes Keras most of the time.
        model.set_weights([part for layer in network.unpack(starts[:, column]) for part in layer])
        for variable, value in zip(model.optimizer.variables, fresh, strict=True):
            variable.assign(value)
        model.fit(batches(column), epochs=1, steps_per_epoch=steps, shuffle=False, verbose=0)
        assert int(model.optimizer.iterations) == steps
        found.append(np.concatenate([part.ravel() for part in model.get_weights()]))
    return np.stack(found, axis=1)


def keras_optimizer(name: OptimizerName) -> Any:
    if name == "adam":
        return keras.optimizers.Adam(RATES[name])
    return keras.optimizers.SGD(RATES[name], momentum=MOMENTUM if name == "momentum" else 0.0)


def steady_networks(
    network: Network, data: Dataset, optimizer: OptimizerName, batch_size: int | None
) -> tuple[Floats, npt.NDArray[np.intp], Floats]:
    """Return starts, members and trained parameters of the random starts whose training is conditioned best.

    Some trajectories enlarge the rounding of single precision beyond any tolerance: an example that crosses a ReLU's
    kink one step earlier, or a gradient near zero that Adam scales up. Such a network says nothing about agreement.
    It is told, without Keras, by the engine itself: nudging kernels and features by one unit in the last place moves
    its end. Biases and zeros are not nudged: what happens at exactly zero is part of what is compared.
    """
    members = np.arange(BLOCK)
    starts = start(network, "glorot_uniform", seed=SEED, members=members)
    generator = np.random.default_rng(SEED)

    def trained(starts: Floats, data: Dataset) -> Floats:
        rule = Optimizer(optimizer, RATES[optimizer], MOMENTUM)
        return ensemble.train(network, starts, data, rule, steps=STEPS, batch_size=batch_size, seed=SEED).parameters

    def nudged(values: Floats) -> Floats:
        towards = np.where(generator.random(values.shape) < 0.5, np.inf, -np.inf).astype(np.float32)
        return np.where(values == 0, values, np.nextafter(values, towards))

    ends = trained(starts, data)
    moved = [np.abs(trained(nudged(starts), replace(data, x=nudged(data.x))) - ends).max(axis=0) for _ in range(NUDGES)]
    noise = np.max(moved, axis=0)  # (networks,)
    chosen = np.argsort(noise, kind="stable")[:COMPARED]
    assert noise[chosen].max() <= TOLERANCE / 2, "all networks are badly conditioned: the setting is unsuitable"
    return starts[:, chosen], chosen, ends[:, chosen]
