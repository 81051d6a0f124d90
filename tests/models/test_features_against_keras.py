"""What is data in the engine and a setting in Keras: each leads `keras.Model.fit` to the same parameters."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import tensorflow as tf
from tensorflow import keras

from models import ensemble, equations
from models.datasets import Dataset, overlapping, sine
from models.ensemble import Optimizer, OptimizerName
from models.labs import Lab
from models.labs.blobs import BLOBS
from models.network import Network
from models.plans import Cohort, Plan, Start
from models.samples import Sampler
from models.streams import Purpose
from tests.models.conftest import train

pytestmark = pytest.mark.slow

Floats = npt.NDArray[np.float32]
Visited = Callable[..., npt.NDArray[np.int32]]
SEED, NETWORKS, STEPS = 11, 2, 80
TOLERANCE = 2e-6
GLOROT = Start.by("glorot_uniform")
CLOUDS = Lab(Network((2, 4, 1), "tanh", "binary_crossentropy"), overlapping.load, "clouds", "4 tanh neurons", "right")
OWN = Sampler.each("own clouds", 40, overlapping.sample)
KEPT = Sampler.each("own clouds", 50, overlapping.sample, Purpose.HELD_BACK)
LOSSES: dict[str, Callable[[], Any]] = {
    "binary_crossentropy": lambda: keras.losses.BinaryCrossentropy(from_logits=True),
    "softmax_crossentropy": lambda: keras.losses.CategoricalCrossentropy(from_logits=True),
    "squared_error": keras.losses.MeanSquaredError,
}
OPTIMIZERS: dict[OptimizerName, Callable[[Optimizer], Any]] = {
    "sgd": lambda each: keras.optimizers.SGD(each.rate),
    "momentum": lambda each: keras.optimizers.SGD(each.rate, momentum=each.momentum),
    "adam": lambda each: keras.optimizers.Adam(each.rate),
}


def keras_model(network: Network, optimizer: Optimizer, l2: float = 0.0) -> Any:
    """Return a compiled model; ``l2`` is that of the kernels' regularisers."""
    regularizer = keras.regularizers.L2(l2) if l2 else None
    layers = [keras.layers.Dense(n, network.activation, kernel_regularizer=regularizer) for n in network.sizes[1:-1]]
    output = keras.layers.Dense(network.sizes[-1], kernel_regularizer=regularizer)
    model = keras.Sequential([keras.Input((network.sizes[0],)), *layers, output])
    accuracy = "categorical_accuracy" if network.sizes[-1] > 1 else keras.metrics.BinaryAccuracy(threshold=0.0)
    model.compile(
        optimizer=OPTIMIZERS[optimizer.name](optimizer),
        loss=LOSSES[network.loss](),
        metrics=[accuracy],
        jit_compile=False,
        steps_per_execution=STEPS,
    )
    return model


def fitted(model: Any, network: Network, start: Floats, batches: Any, **settings: Any) -> Floats:
    """Fit from ``start`` (P,) for `STEPS` batches; return the parameters (P,)."""
    model.set_weights([part for layer in network.unpack(start) for part in layer])
    model.fit(batches, epochs=1, steps_per_epoch=STEPS, shuffle=False, verbose=0, **settings)
    return np.concatenate([part.ravel() for part in model.get_weights()])


def full(x: Floats, targets: Floats) -> Any:
    return tf.data.Dataset.from_tensors((x, targets)).repeat(STEPS)


def assert_agrees(cohort: Cohort, column: int, expected: Floats, tolerance: float = TOLERANCE) -> None:
    assert np.abs(cohort.parameters[:, column] - cohort.start[:, column]).max() > 0.05, "nothing was trained"
    assert np.abs(cohort.parameters[:, column] - expected).max() <= tolerance


@pytest.mark.parametrize("batch", [None, 16])
def test_own_examples_with_flipped_labels_and_class_weights_agree_with_keras(
    visited_rows: Visited, batch: int | None
) -> None:
    weights = {0: 0.5, 1: 3.0}
    sampler = OWN.flipped(0.1, "noisy").weighted(weights, "weighted")
    plan = Plan("own", CLOUDS, GLOROT, STEPS, batch=batch, learned=sampler, held_back=KEPT)
    cohort = train(plan, networks=NETWORKS, seed=SEED)["own"]
    examples = sampler.draw(SEED, np.arange(NETWORKS))
    rows = visited_rows(examples=40, batch=16, epochs=STEPS // 3 + 1, seed=SEED, members=NETWORKS) if batch else None
    model = keras_model(plan.lab.network, plan.optimizer)
    x, targets = examples.x[..., 1], examples.targets[..., 1]
    if rows is None:
        batches = full(x, targets)
    else:  # the last batch of each epoch has 8 rows
        order = rows[..., 1]
        epochs = tf.data.Dataset.from_tensor_slices((x[order], targets[order]))
        batches = epochs.flat_map(lambda x, y: tf.data.Dataset.from_tensor_slices((x, y)).batch(16))
    assert_agrees(cohort, 1, fitted(model, plan.lab.network, cohort.start[:, 1], batches, class_weight=weights))


@pytest.mark.parametrize("lab", [CLOUDS, BLOBS], ids=["one output", "four outputs"])
def test_curves_are_what_keras_evaluates(lab: Lab) -> None:
    data, network = lab.data, lab.network

    def some(generator: np.random.Generator, points: int) -> Dataset:
        rows = generator.integers(len(data.x), size=points)
        return Dataset(data.x[rows], data.targets[rows], data.labels[rows], data.feature_names, data.class_names)

    learned, kept = Sampler.each("own", 30, some), Sampler.each("own", 50, some, Purpose.HELD_BACK)
    plan = Plan("own", lab, GLOROT, STEPS, learned=learned, held_back=kept, curve_every=STEPS // 2)
    cohort = train(plan, networks=NETWORKS, seed=SEED)["own"]
    curves, model = cohort.curves, keras_model(network, plan.optimizer)
    assert curves is not None
    assert curves.steps.tolist() == [0, STEPS // 2, STEPS]
    ends = {0: cohort.start, 2: cohort.parameters}
    for row, parameters in ends.items():
        for sampler, loss, accuracy in (
            (learned, curves.loss, curves.accuracy),
            (kept, curves.held_back_loss, curves.held_back_accuracy),
        ):
            examples = sampler.draw(SEED, np.array([1]))
            model.set_weights([part for layer in network.unpack(parameters[:, 1]) for part in layer])
            expected = model.evaluate(examples.x[..., 0], examples.targets[..., 0], verbose=0)
            assert [loss[row, 1], accuracy[row, 1]] == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("dropout", [0.0, 0.4])
def test_shown_and_validation_losses_are_those_of_a_keras_history_but_for_the_penalty_on_held_back_points(
    visited_rows: Visited, dropout: float
) -> None:
    l2, epochs, network = 0.02, 4, CLOUDS.network  # an epoch is 16, 16 and 8 rows
    plan = Plan("own", CLOUDS, GLOROT, 3 * epochs, batch=16, dropout=dropout, l2=l2, penalise_biases=False)
    plan = replace(plan, learned=OWN, held_back=KEPT, curve_every=3)
    cohort = train(plan, networks=NETWORKS, seed=SEED)["own"]
    learned, kept = OWN.draw(SEED, np.arange(NETWORKS)), KEPT.draw(SEED, np.arange(NETWORKS))
    rows = visited_rows(examples=40, batch=16, epochs=epochs, seed=SEED, members=NETWORKS)[..., 1]
    keys = tf.constant(ensemble._keys(SEED, np.arange(NETWORKS)))

    def batches() -> Any:
        for step in range(3 * epochs):
            chosen = rows[step // 3][16 * (step % 3) :][:16]
            mask = np.ones((16, 4, NETWORKS), np.float32)
            if dropout:
                mask = equations.dropout_masks(network, keys, tf.constant(dropout), tf.constant(step), 16)[0].numpy()
            yield (learned.x[chosen, :, 1], mask[: len(chosen), :, 1]), learned.targets[chosen, :, 1]

    shapes = ((tf.TensorSpec((None, 2)), tf.TensorSpec((None, 4))), tf.TensorSpec((None, 1)))
    inputs, regularizer = [keras.Input((2,)), keras.Input((4,))], keras.regularizers.L2(l2)
    hidden = keras.layers.Dense(4, "tanh", kernel_regularizer=regularizer)(inputs[0])
    output = keras.layers.Dense(1, kernel_regularizer=regularizer)(keras.layers.Multiply()([hidden, inputs[1]]))
    model = keras.Model(inputs, output)
    model.compile(optimizer=keras.optimizers.Adam(0.01), loss=LOSSES[network.loss](), jit_compile=False)
    model.set_weights([part for layer in network.unpack(cohort.start[:, 1]) for part in layer])
    penalties: list[float] = []
    keep = keras.callbacks.LambdaCallback(on_epoch_end=lambda *_: penalties.append(float(sum(model.losses))))
    history = model.fit(
        tf.data.Dataset.from_generator(batches, output_signature=shapes),
        epochs=epochs,
        steps_per_epoch=3,
        validation_data=((kept.x[..., 1], np.ones((50, 4), np.float32)), kept.targets[..., 1]),
        shuffle=False,
        verbose=0,
        callbacks=[keep],
    ).history
    curves = cohort.curves
    assert curves is not None
    assert np.isnan(curves.shown_loss[0]).all()
    assert curves.shown_loss[1:, 1] == pytest.approx(history["loss"], abs=1e-5)
    # Keras adds the penalty to the validation loss as well.
    assert curves.held_back_loss[1:, 1] + penalties == pytest.approx(history["val_loss"], abs=1e-5)
    assert min(penalties) > 0.01


def test_fewer_points_in_the_same_shape_agree_with_keras_on_these_points() -> None:
    sampler = OWN.first(10, "ten points")
    plan = Plan("few", CLOUDS, GLOROT, STEPS, learned=sampler)
    cohort = train(plan, replace(plan, name="all", learned=OWN), networks=NETWORKS, seed=SEED)["few"]
    examples = sampler.draw(SEED, np.arange(NETWORKS))
    model = keras_model(plan.lab.network, plan.optimizer)
    batches = full(examples.x[:10, :, 0], examples.targets[:10, :, 0])
    assert_agrees(cohort, 0, fitted(model, plan.lab.network, cohort.start[:, 0], batches))


@pytest.mark.parametrize("sizes", [(2, 5, 1), (2, 4, 3, 4, 1)])
@pytest.mark.parametrize("activation", ["relu", "sigmoid", "tanh"])
def test_padded_networks_of_any_depth_and_activation_agree_with_keras(sizes: tuple[int, ...], activation: Any) -> None:
    network = Network(sizes, activation, "binary_crossentropy")
    shape = Network((2, 6, 6, 6, 6, 1), "linear", "binary_crossentropy")
    lab = Lab(network, overlapping.load, "clouds", "deep", "right")
    plan = Plan("deep", lab, GLOROT, STEPS, padded_to=shape)
    cohort = train(plan, networks=NETWORKS, seed=SEED)["deep"]
    model = keras_model(network, plan.optimizer)
    # Adam divides by the size of the gradients, which each layer of sigmoids makes smaller: rounding shows more.
    tolerance = 2 * TOLERANCE if activation == "sigmoid" else TOLERANCE
    expected = fitted(model, network, cohort.start[:, 0], full(lab.data.x, lab.data.targets))
    assert_agrees(cohort, 0, expected, tolerance)


def test_a_curve_with_one_input_agrees_with_keras() -> None:
    network = Network((1, 8, 1), "tanh", "squared_error")
    lab = Lab(network, sine.load, sine.WORDS, "8 tanh neurons", "near", tolerance=0.2)
    plan = Plan("curve", lab, GLOROT, STEPS, Optimizer(rate=0.02))
    cohort = train(plan, networks=NETWORKS, seed=SEED)["curve"]
    model = keras_model(network, plan.optimizer)
    assert_agrees(cohort, 0, fitted(model, network, cohort.start[:, 0], full(lab.data.x, lab.data.targets)))


def test_penalties_on_weights_alone_agree_with_keras_kernel_regularizers() -> None:
    plans = [Plan(f"{l2:g}", CLOUDS, GLOROT, STEPS, l2=l2, penalise_biases=False) for l2 in (0.01, 0.3)]
    cohorts = train(*plans, networks=NETWORKS, seed=SEED)
    assert len({id(cohort.timing) for cohort in cohorts.values()}) == 1, "they are one ensemble"
    data = CLOUDS.data
    for plan in plans:
        model = keras_model(CLOUDS.network, plan.optimizer, plan.l2)
        expected = fitted(model, CLOUDS.network, cohorts[plan.name].start[:, 0], full(data.x, data.targets))
        assert_agrees(cohorts[plan.name], 0, expected)


def test_each_network_takes_its_own_momentum_as_keras_does() -> None:
    plans = [Plan(f"{m:g}", CLOUDS, GLOROT, STEPS, Optimizer("momentum", 0.05, m)) for m in (0.0, 0.5, 0.95)]
    cohorts = train(*plans, networks=NETWORKS, seed=SEED)
    assert len({id(cohort.timing) for cohort in cohorts.values()}) == 1, "they are one ensemble"
    data = CLOUDS.data
    for plan in plans:
        model = keras_model(CLOUDS.network, plan.optimizer)
        expected = fitted(model, CLOUDS.network, cohorts[plan.name].start[:, 0], full(data.x, data.targets))
        assert_agrees(cohorts[plan.name], 0, expected)


def test_training_on_other_data_from_anothers_end_agrees_with_fitting_a_model_that_is_compiled_anew() -> None:
    old, new = OWN, Sampler.each("other clouds", 40, overlapping.sample, Purpose.NOISE)
    # Not Adam: its first steps have the length of the rate, whatever rounding has made of a gradient near zero.
    first = Plan("first", CLOUDS, GLOROT, STEPS, Optimizer("momentum", 0.1), learned=old)
    second = replace(first, name="second", learned=new, continues="first")
    cohorts = train(second, first, networks=NETWORKS, seed=SEED)
    np.testing.assert_array_equal(cohorts["second"].start, cohorts["first"].parameters)
    parameters = cohorts["first"].start[:, 0]
    for plan, sampler in ((first, old), (second, new)):
        examples = sampler.draw(SEED, np.arange(NETWORKS))
        model = keras_model(CLOUDS.network, plan.optimizer)
        batches = full(examples.x[..., 0], examples.targets[..., 0])
        parameters = fitted(model, CLOUDS.network, parameters, batches)
        assert_agrees(cohorts[plan.name], 0, parameters)
