"""Keras for one network, with its defaults: `model.fit` as a learner calls it; `train_on_batch`, its fastest way."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from tensorflow import keras

from benchmarks.harness import RATE, SHORT, STEPS, Case, Floats, Problem, Result, Way, main, measure


def run(problem: Problem) -> Result:
    """Measure one network's training; the first calls build the programs that the model keeps."""
    x, labels = problem.x, problem.targets.argmax(axis=1)
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2, activation="relu"), keras.layers.Dense(4)])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer=keras.optimizers.Adam(RATE), loss=loss)
    model.set_weights([part[..., 0] for part in problem.start(1)])
    model.optimizer.build(model.trainable_variables)
    variables = [*model.variables, *model.optimizer.variables]
    start = [np.array(variable) for variable in variables]

    def reset() -> None:
        for variable, value in zip(variables, start, strict=True):
            variable.assign(value)

    def evaluated() -> Floats:
        return np.array([model.evaluate(x, labels, batch_size=len(x), verbose=0)], np.float32)

    def fit() -> Floats:
        reset()
        model.fit(x, labels, epochs=SHORT, batch_size=len(x), verbose=0)
        return evaluated()

    def train_on_batch() -> Floats:
        reset()
        for _ in range(STEPS):
            model.train_on_batch(x, labels)
        return evaluated()

    return Result(measure([Case(Way.KERAS, 1, SHORT, fit), Case(Way.KERAS_BATCHES, 1, STEPS, train_on_batch)]))


if __name__ == "__main__":
    main(run)
