"""Ask why more layers can make it worse.

Networks with one, two, four and eight hidden layers learn to tell a circle from the ring around it. All have about as
many weights, so that the deep ones are narrow. What does depth do to the gradient on its way back to the first layer,
by activation? And is a network that fails slow, or is it something else? Those of eight layers are trained longer too,
and once with twice as many neurons in each layer.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache
from itertools import product
from typing import final

import numpy as np
from pydantic import Field

from models.datasets import Dataset, circles
from models.ensemble import Optimizer, gradients
from models.experiment import Experiment, Hyperparameters, RandomStart, Rate, Result
from models.figures import Figure
from models.figures.depth import longer_figure, sizes_figure, success_figure
from models.labs import ACTIVATIONS, Lab
from models.measures import Family, Measure, each, median, of, share
from models.network import Activation, Network
from models.plans import Cohort, Plan, Start, reading
from models.readings import Booleans, Floats, forward, success
from models.replay import Moment, Replay
from models.wordings import FullBatchSteps

POINTS = 40
WIDTHS = {1: 39, 2: 10, 4: 6, 8: 4}  # neurons in each layer: 151 to 157 weights and biases, whatever the depth
USED: tuple[Activation, ...] = ("relu", "tanh", "sigmoid")
DEEPEST, WIDER, LONGER = 8, 8, 3  # layers, neurons in each, times the steps
PATIENT: tuple[Activation, ...] = ("relu", "sigmoid")  # those that fail, and are trained longer
SAME = 0.01  # of a logit: outputs that differ by less answer the same
SHOWN = 16  # networks that are recorded, since each has many weights


class Parameters(Hyperparameters):
    """What can be varied."""

    steps: FullBatchSteps = Field(200, ge=1, le=5_000, description="full-batch training steps")
    rate: Rate = 0.02
    initializer: RandomStart = "glorot_uniform"


@cache
def points() -> Dataset:
    """Return the points."""
    return circles.load(POINTS)


def lab(layers: int, width: int, activation: Activation) -> Lab:
    """Return a network of so many hidden layers, with its data."""
    return Lab(
        network=Network((2, *[width] * layers, 1), activation, "binary_crossentropy"),
        load=points,
        data_words=f"{POINTS} points of {circles.WORDS}",
        network_words=f"{layers} x {width} {ACTIVATIONS[activation]} neurons",
        bar_words="95 % of the points right",
        accuracy=0.95,
    )


@reading
def layer_sizes(cohort: Cohort) -> Floats:
    """Return the size of the gradient by each layer's weights at the start, root mean square: (layers, networks)."""
    found = gradients(cohort.network, cohort.start, cohort.data)
    return np.stack([np.sqrt((found[at.kernel] ** 2).mean(axis=0)) for at in cohort.network.layers])


def gradient_ratio(cohort: Cohort) -> Floats:
    """Return the first layer's gradient size by the last one's; NaN where no gradient comes through at all."""
    sizes = layer_sizes(cohort).astype(np.float64)
    return np.where(blocked(cohort), np.nan, sizes[0] / np.where(sizes[-1] > 0, sizes[-1], np.nan))


def blocked(cohort: Cohort) -> Booleans:
    """Say to whose first layer no gradient comes at the start, for any point."""
    return np.asarray(layer_sizes(cohort)[0] == 0)


def constant(cohort: Cohort) -> Booleans:
    """Say which networks answer the same for every point at the end."""
    outputs = forward(cohort)[-1][:, 0]  # (rows, networks)
    return np.asarray((outputs.max(axis=0) - outputs.min(axis=0)) < SAME)


def _successes(name: str, words: str) -> Measure:
    return share(name, f"networks that get 95 % of the points right; {words}", success)


@final
class Depth(Experiment[Parameters]):
    """Train networks of one to eight hidden layers with about as many weights, by three activations."""

    title = "One to eight layers, with as many weights"
    summary = (
        "Trains networks of 1, 2, 4 and 8 hidden layers with about 155 weights each on two circles, with ReLU, tanh "
        "and sigmoid neurons, and compares the gradients that come to their first layers."
    )
    parameters = Parameters
    figure_names = ("success", "sizes", "longer")

    def plans(self, hyperparameters: Parameters) -> Iterator[Plan]:
        """Plan every depth with every activation, the deepest ones also longer, and wider."""
        h = hyperparameters
        for layers, activation in product(WIDTHS, USED):
            plan = self._plan(f"{layers}.{activation}", lab(layers, WIDTHS[layers], activation), h)
            yield plan
            if layers == DEEPEST and activation in PATIENT:
                yield replace(plan, name=f"long.{activation}", steps=LONGER * h.steps, recorded=0)
        yield replace(self._plan("wide.relu", lab(DEEPEST, WIDER, "relu"), h), recorded=0)

    def _plan(self, name: str, of_lab: Lab, h: Parameters) -> Plan:
        shape = replace(of_lab.network, activation="linear")  # activations are data, and the program one for all three
        start = Start.by(h.initializer)
        return Plan(name, of_lab, start, h.steps, Optimizer(rate=h.rate), padded_to=shape, recorded=SHOWN)

    def notes(self, hyperparameters: Parameters) -> dict[str, str]:
        """Say which networks there are, and how long they are trained."""
        h = hyperparameters
        sizes = ", ".join(f"{layers} of {width}" for layers, width in WIDTHS.items())
        return {
            "network": f"hidden layers of ReLU, tanh or sigmoid neurons: {sizes} (151 to 157 weights and biases), and "
            f"{DEEPEST} of {WIDER} ReLU (537); 1 sigmoid output",
            "steps": f"{h.steps:,}, full batch; ReLU and sigmoid of {DEEPEST} layers also {LONGER * h.steps:,}",
            "size of a gradient": "root mean square over a layer's weights, biases left out, at the start",
        }

    measures = (
        *each(
            Family(
                "<layers>.<activation>",
                "hidden layers: {layers}, {activation}",
                choices={
                    "layers": {str(layers): str(layers) for layers in WIDTHS},
                    "activation": {name: ACTIVATIONS[name] for name in USED},
                },
            ),
            share("success", "networks that get 95 % of the points right", success),
            median(
                "gradient_ratio",
                "size of the gradient by the first layer's weights in parts of the last one's, at the start (median of "
                "those to which any comes)",
                "ratio",
                gradient_ratio,
            ),
            share("blocked_share", "networks to whose first layer no gradient comes at the start", blocked),
            share("constant_share", "networks that answer the same for every point at the end", constant),
        ),
        *(
            measure
            for name in PATIENT
            for measure in of(
                f"long.{name}",
                _successes(
                    f"success_long.{DEEPEST}.{name}",
                    f"{DEEPEST} layers, {ACTIVATIONS[name]}, {LONGER} times the steps",
                ),
            )
        ),
        *of(
            "wide.relu",
            _successes(f"success_wide.{DEEPEST}.relu", f"{DEEPEST} layers of {WIDER} ReLU neurons"),
            share(
                f"blocked_share_wide.{DEEPEST}.relu",
                "networks to whose first layer no gradient comes at the start; "
                f"{DEEPEST} layers of {WIDER} ReLU neurons",
                blocked,
            ),
        ),
    )

    replay = Replay(
        {f"{DEEPEST}.{name}": f"Eight layers, {ACTIVATIONS[name]}" for name in USED},
        moment=Moment("At least half of the networks have {bar} by this step."),
    )

    def figures(self, result: Result) -> Iterable[Figure]:
        """Show success against depth, the gradients' sizes layer by layer, and what time and width change."""
        yield success_figure(result, WIDTHS, USED)
        yield sizes_figure({name: layer_sizes(result.cohorts[f"{DEEPEST}.{name}"]) for name in USED})
        yield longer_figure(result, DEEPEST, PATIENT)
