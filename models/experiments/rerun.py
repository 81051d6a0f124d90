"""Train again from another start, and ask whether the same things are learned, only by different neurons.

Many networks learn to tell good roasts from bad ones. The good region has three straight sides, and each network has
three hidden neurons. Which neuron ends up drawing which side?
"""

from collections.abc import Iterable, Mapping
from itertools import permutations
from typing import ClassVar, final

import numpy as np
from pydantic import Field

from models.datasets import coffee
from models.ensemble import Optimizer, Progress, Recording, Trained, log_spaced, train
from models.experiment import Declared, Experiment, Findings, Hyperparameters, RandomStart, Rate, Result
from models.figures import Figure
from models.figures.rerun import edge_map_figure, order_wall_figure, orders_figure
from models.initializers import start
from models.network import Network

NETWORK = Network((2, 3, 1), "sigmoid", "binary_crossentropy")
CONVERGED = 0.97  # accuracy
EDGES = tuple(edge.name for edge in coffee.EDGES)


class Parameters(Hyperparameters):
    """What can be varied."""

    steps: int = Field(2_000, ge=1, le=20_000, description="full-batch training steps")
    rate: Rate = 0.05
    initializer: RandomStart = "glorot_uniform"


@final
class Rerun(Experiment[Parameters]):
    """Count which neuron ends up with which of the data's three edges."""

    title = "The same features, found by different neurons"
    summary = (
        "Trains coffee-roasting networks from many starts and asks which hidden neuron draws which edge of the data."
    )
    parameters = Parameters
    declared: ClassVar = {
        "converged_share": Declared("share", "networks that get at least 97 % of the roasts right"),
        "same_features_share": Declared("share", "of the converged networks: those whose neurons draw all three edges"),
        "orders_seen": Declared(
            "quantity", "different orders in which the three neurons hold the edges", "of 6 orders"
        ),
        "same_index_share": Declared(
            "share",
            "of the converged networks: those in which each neuron holds the same edge as in the first of them, "
            "itself counted",
        ),
        "same_features_share_at_start": Declared(
            "share", "networks whose neurons would hold all three edges already before training"
        ),
        "diverged_share": Declared("share", "networks with a loss or weight that is no finite number"),
        "order.<first>-<second>-<third>": Declared(
            "share",
            "of all networks: those that converged with neurons that hold, in order, {first}, {second}, {third}",
        ),
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
        """Match every network's neurons with the edges of the data."""
        main, data = cohorts["main"], coffee.load()
        converged = NETWORK.accuracy(main.parameters, data.x, data.labels) >= CONVERGED
        held, held_at_start = (
            coffee.edges_held(NETWORK.unpack(parameters)[0][0]) for parameters in (main.parameters, main.start)
        )
        complete = np.asarray((held >= 0).all(axis=0))
        findings.share("converged_share", converged)
        findings.share("same_features_share", complete[converged])
        first = held[:, converged][:, :1]  # none, where none converged
        findings.share("same_index_share", np.asarray((held[:, converged] == first).all(axis=0)))
        findings.share("same_features_share_at_start", np.asarray((held_at_start >= 0).all(axis=0)))
        findings.share("diverged_share", main.diverged)
        seen = 0
        for order in permutations(range(len(EDGES))):
            found = (held == np.array(order)[:, None]).all(axis=0) & converged
            findings.share("order." + "-".join(EDGES[edge] for edge in order), found)
            seen += bool(found.any())
        findings.quantity("orders_seen", seen)

    def figures(self, result: Result) -> Iterable[Figure]:
        """Show one network, the six orders, and all networks by their order, exceptions included."""
        held = coffee.edges_held(NETWORK.unpack(result.cohorts["main"].parameters)[0][0])
        yield edge_map_figure(result, held)
        yield orders_figure(result)
        yield order_wall_figure(result, held)
