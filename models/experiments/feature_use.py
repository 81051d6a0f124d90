"""Ask how a neuron knows which feature to look at, when nobody assigns features.

Every neuron has a weight for every feature, from the first step to the last. Many coffee networks are trained, their
neurons are sorted by the edge of the data that they came to hold, and then one feature at a time is shuffled among the
roasts: how much does the neuron's output change? And did the neuron lean that way already before training?
"""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import ClassVar, final

import numpy as np
import numpy.typing as npt
from pydantic import Field

from models.datasets import coffee
from models.ensemble import Optimizer, Progress, Recording, Trained, log_spaced, train
from models.experiment import Declared, Experiment, Findings, Hyperparameters, RandomStart, Rate, Result
from models.figures import Figure
from models.figures.feature_use import use_figure, weights_figure
from models.initializers import start
from models.network import Network, activate

NETWORK = Network((2, 3, 1), "sigmoid", "binary_crossentropy")
CONVERGED = 0.97  # accuracy
SHUFFLES = 10
FEATURES = ("temperature", "duration")
EDGES = tuple(edge.name for edge in coffee.EDGES)
OWN = {"low_temperature": 0, "short_duration": 1}  # the one feature that an edge along an axis depends on
Floats = npt.NDArray[np.floating]


class Parameters(Hyperparameters):
    """What can be varied."""

    steps: int = Field(2_000, ge=1, le=20_000, description="full-batch training steps")
    rate: Rate = 0.05
    initializer: RandomStart = "glorot_uniform"


@final
class FeatureUse(Experiment[Parameters]):
    """Shuffle one feature at a time, and see which neurons mind."""

    title = "Which feature a neuron looks at"
    summary = (
        "Trains coffee networks, shuffles temperature alone or duration alone among the roasts, and measures how much "
        "each neuron's output changes."
    )
    parameters = Parameters
    declared: ClassVar = {
        "converged_share": Declared("share", "networks that get at least 97 % of the roasts right"),
        **{
            f"{feature}_use.<line>": Declared(
                "quantity",
                f"change of the output when {feature} alone is shuffled, of neurons that hold {{line}} (mean over the "
                "roasts, median over the converged networks)",
                "output",
            )
            for feature in FEATURES
        },
        **{
            f"{feature}_use_at_start.<line>": Declared(
                "quantity",
                f"the same for {feature} before training, of the neurons that come to hold {{line}} (median)",
                "output",
            )
            for feature in FEATURES
        },
        "smaller_weight.<line>": Declared(
            "quantity",
            "the smaller of the two incoming weights, in parts of the larger, of neurons that hold {line} (median)",
            "ratio",
        ),
        "leaned_share.<line>": Declared(
            "share",
            "of the converged networks in which a neuron holds {line}: those in which this neuron had its larger "
            "weight on that feature already before training",
        ),
        "every_weight_share": Declared("share", "networks in which no incoming weight is zero after training"),
        "accuracy_shuffled.<feature>": Declared(
            "quantity", "accuracy when {feature} is shuffled (median over the converged networks)", "share of roasts"
        ),
        "diverged_share": Declared("share", "networks with a loss or weight that is no finite number"),
    }

    def setup(self, hyperparameters: Parameters) -> dict[str, str]:
        """Describe the set-up."""
        return {
            "data": "coffee roasting, 200 roasts, temperature and duration normalised",
            "network": "3 sigmoid hidden neurons, 1 sigmoid output",
            "initialiser": f"{hyperparameters.initializer}, biases 0",
            "loss": "binary cross-entropy",
            "optimiser": f"Adam, rate {hyperparameters.rate:g}",
            "steps": f"{hyperparameters.steps:,}, full batch",
            "match": f"a neuron holds an edge within {coffee.WITHIN:g} degrees, by an optimal assignment",
            "shuffling": f"{SHUFFLES} orders of the roasts, the same ones for every network; outputs run from 0 to 1",
        }

    def cost(self, hyperparameters: Parameters, networks: int) -> int:
        """Count every network once."""
        return networks * hyperparameters.steps

    def train(self, hyperparameters: Parameters, *, networks: int, seed: int, progress: Progress) -> dict[str, Trained]:
        """Train all networks on the same roasts."""
        main = train(
            NETWORK,
            start(NETWORK, hyperparameters.initializer, seed=seed, networks=np.arange(networks)),
            coffee.load(),
            Optimizer(rate=hyperparameters.rate),
            steps=hyperparameters.steps,
            seed=seed,
            recording=Recording(log_spaced(hyperparameters.steps), tuple(range(min(networks, 64)))),
            progress=progress,
        )
        return {"main": main}

    def measure(self, cohorts: Mapping[str, Trained], findings: Findings) -> None:
        """Sort neurons by the edge that they hold, and shuffle one feature at a time."""
        main, data = cohorts["main"], coffee.load()
        converged = NETWORK.accuracy(main.parameters, data.x, data.labels) >= CONVERGED
        parameters, before = main.parameters[:, converged], main.start[:, converged]
        kernel, first = (NETWORK.unpack(each)[0][0] for each in (parameters, before))  # (features, units, networks)
        held = coffee.edges_held(kernel)  # (units, networks)
        use, use_at_start = feature_use(parameters), feature_use(before)  # (features, units, networks)
        smaller = np.abs(kernel).min(axis=0) / np.abs(kernel).max(axis=0)
        findings.share("converged_share", converged)
        for edge, line in enumerate(EDGES):
            holds = held == edge
            for feature, name in enumerate(FEATURES):
                findings.median(f"{name}_use.{line}", use[feature][holds])
                findings.median(f"{name}_use_at_start.{line}", use_at_start[feature][holds])
            findings.median(f"smaller_weight.{line}", smaller[holds])
            if line in OWN:
                findings.share(f"leaned_share.{line}", (np.abs(first).argmax(axis=0) == OWN[line])[holds])
        every = NETWORK.unpack(main.parameters)[0][0]
        findings.share("every_weight_share", np.asarray((every != 0).all(axis=(0, 1)) & ~main.diverged))
        for feature, name in enumerate(FEATURES):
            accuracies = [NETWORK.accuracy(parameters, x, data.labels) for x in shuffled(feature)]
            findings.median(f"accuracy_shuffled.{name}", np.mean(accuracies, axis=0))
        findings.share("diverged_share", main.diverged)

    def figures(self, result: Result) -> Iterable[Figure]:
        """Show all neurons by what they use, before and after, and one network's weights over training."""
        main, data = result.cohorts["main"], coffee.load()
        shown = main.part(slice(0, 64))
        accuracy = NETWORK.accuracy(shown.parameters, data.x, data.labels)
        held = coffee.edges_held(NETWORK.unpack(shown.parameters)[0][0])
        held[:, accuracy < CONVERGED] = -1
        yield use_figure(feature_use(shown.start), feature_use(shown.parameters), held)
        best = int(np.lexsort((-accuracy, (held < 0).sum(axis=0)))[0])
        yield weights_figure(shown, best, held[:, best], float(accuracy[best]))


@cache
def shuffled(feature: int) -> tuple[Floats, ...]:
    """Return the roasts (rows, features) with one feature's values handed round among them, in `SHUFFLES` orders."""
    found = []
    for order in range(SHUFFLES):
        x = coffee.load().x.copy()
        x[:, feature] = np.random.default_rng(order).permutation(x[:, feature])
        found.append(x)
    return tuple(found)


def feature_use(parameters: Floats) -> Floats:
    """Return how much each hidden neuron's output changes (features, units, networks) when one feature is shuffled."""
    usual = activate(NETWORK.activation, NETWORK.forward(parameters, coffee.load().x)[0])  # (rows, units, networks)
    found = []
    for feature in range(len(FEATURES)):
        changes = [
            np.abs(activate(NETWORK.activation, NETWORK.forward(parameters, x)[0]) - usual).mean(axis=0)
            for x in shuffled(feature)
        ]
        found.append(np.mean(changes, axis=0))
    return np.stack(found)
