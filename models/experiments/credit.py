"""Follow one roast through a network and back, and see how each neuron learns its own part in the error.

Networks are trained half-way on the coffee data. Then the error of one roast is sent backwards by hand, with every
number in a ledger: what each neuron put out, what reaches it of the error, how much of that it lets through, and what
each of its weights gets. The same is done for all roasts, and three things are checked: the chain rule by hand against
TensorFlow's own gradient, that gradient against nudging each weight, and the mean of the roasts' gradients against the
gradient of the mean.
"""

from collections.abc import Iterable, Mapping
from typing import ClassVar, final

import numpy as np
import numpy.typing as npt
from pydantic import Field

from models.backpropagation import Journey, finite_differences, journey
from models.datasets import Dataset, coffee
from models.ensemble import Optimizer, Progress, Recording, Trained, gradients, log_spaced, train
from models.experiment import Declared, Experiment, Findings, Hyperparameters, RandomStart, Rate, Result
from models.figures import Figure
from models.figures.credit import ledger_figure, pushes_figure
from models.initializers import start
from models.network import Network

NETWORK = Network((2, 3, 1), "sigmoid", "binary_crossentropy")
ADDS_UP = 0.1  # how near the neurons' shares must come to the output's error, in parts of it
Floats = npt.NDArray[np.floating]


class Parameters(Hyperparameters):
    """What can be varied."""

    steps: int = Field(100, ge=1, le=20_000, description="full-batch training steps before the look at the gradients")
    rate: Rate = 0.05
    initializer: RandomStart = "glorot_uniform"


@final
class Credit(Experiment[Parameters]):
    """Send the error of single roasts back through half-trained networks, and check the sums."""

    title = "How one roast's error reaches each neuron"
    summary = (
        "Follows one roast through half-trained coffee networks and back, writes down every number, and checks the "
        "gradients in three ways."
    )
    parameters = Parameters
    declared: ClassVar = {
        "mean_gradient_error": Declared(
            "quantity",
            "largest difference between the gradient of the mean cost and the mean of the roasts' own gradients, over "
            "all weights and networks",
            "gradient",
        ),
        "chain_rule_error": Declared(
            "quantity",
            "largest difference between the chain rule by hand and the automatic gradient of one roast, over all "
            "weights and networks",
            "gradient",
        ),
        "finite_difference_error": Declared(
            "quantity",
            "largest difference between the automatic gradient of the mean cost and nudging each weight, over all "
            "weights and networks",
            "gradient",
        ),
        "gradient_size": Declared(
            "quantity", "largest entry of the gradient of the mean cost (median), to compare with", "gradient"
        ),
        "kept_in_mean": Declared(
            "quantity",
            "length of the mean gradient, in parts of the mean length of the roasts' own gradients (median)",
            "ratio",
        ),
        "against_mean": Declared(
            "quantity", "roasts whose own gradient points away from the mean (median)", "share of roasts"
        ),
        "opposite_push_share": Declared(
            "share", "networks in which one roast, the worst judged, pushes neurons in opposite directions"
        ),
        "adds_up_share": Declared(
            "share",
            "networks in which the neurons' shares of the worst-judged roast's error add up to that error, within 10 %",
        ),
        "largest_weight_share": Declared(
            "share",
            "networks in which the neuron with the largest outgoing weight also gets the largest share, on the "
            "worst-judged roast",
        ),
        "largest_share": Declared(
            "quantity",
            "the largest neuron's part of all three shares, on the worst-judged roast (median)",
            "part of the sum",
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
            "steps": f"{hyperparameters.steps:,}, full batch; gradients are those after the last step",
            "by hand": "the chain rule and central differences (step 0.00001) in double precision; TensorFlow's "
            "gradient in single precision",
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
        """Check the gradients, and look at the worst-judged roast of every network."""
        parameters, data = cohorts["main"].parameters, coffee.load()
        way = journey(NETWORK, parameters, data)
        automatic = gradients(NETWORK, parameters, data)
        mean = way.gradients.mean(axis=0)  # (P, networks)
        findings.quantity("mean_gradient_error", _largest(mean - automatic))
        one = worst_judged(way)[0]
        by_tensorflow = gradients(NETWORK, parameters, _only(data, int(one)))
        findings.quantity("chain_rule_error", _largest(way.gradients[one] - by_tensorflow))
        findings.quantity(
            "finite_difference_error", _largest(finite_differences(NETWORK, parameters, data) - automatic)
        )
        findings.median("gradient_size", np.abs(automatic).max(axis=0))
        with np.errstate(invalid="ignore", divide="ignore"):
            lengths = np.linalg.norm(way.gradients, axis=1).mean(axis=0)
            findings.median("kept_in_mean", np.linalg.norm(mean, axis=0) / lengths)
            along = (way.gradients * mean).sum(axis=1)  # (rows, networks)
            findings.median("against_mean", np.where(np.isfinite(along).all(axis=0), (along < 0).mean(axis=0), np.nan))
            shares, error = _of_worst(way, way.shares), _of_worst(way, way.errors)[0]
            outgoing = np.abs(NETWORK.unpack(parameters)[1][0][:, 0])  # (units, networks)
            up, down = (np.asarray((sign * shares > 0).any(axis=0)) for sign in (1, -1))
            findings.share("opposite_push_share", up & down)
            adds_up = np.abs(shares.sum(axis=0) - error) <= ADDS_UP * np.abs(error)
            findings.share("adds_up_share", np.asarray(adds_up))
            size = np.abs(shares)
            agrees = size.argmax(axis=0) == outgoing.argmax(axis=0)
            findings.share("largest_weight_share", agrees & ~cohorts["main"].diverged)
            findings.median("largest_share", size.max(axis=0) / size.sum(axis=0))
        findings.share("diverged_share", cohorts["main"].diverged)

    def figures(self, result: Result) -> Iterable[Figure]:
        """Show the ledger of one roast in the run's first network, and the pushes of all roasts on its neurons."""
        first = result.cohorts["main"].part(slice(0, 1))
        way = journey(NETWORK, first.parameters, coffee.load())
        yield ledger_figure(NETWORK, first.parameters[:, 0], way, int(worst_judged(way)[0]))
        yield pushes_figure(way, int(worst_judged(way)[0]))


def worst_judged(way: Journey) -> npt.NDArray[np.intp]:
    """Return the roast (networks,) whose prediction is farthest from what is right, for each network."""
    found: npt.NDArray[np.intp] = np.abs(way.errors[:, 0]).argmax(axis=0)
    return found


def _of_worst(way: Journey, numbers: Floats) -> Floats:
    """Return what ``numbers`` (rows, units, networks) say of each network's worst-judged roast (units, networks)."""
    worst = worst_judged(way)
    return numbers[worst, :, np.arange(worst.size)].T


def _only(data: Dataset, row: int) -> Dataset:
    """Return one example as data of its own."""
    one = slice(row, row + 1)
    return Dataset(data.x[one], data.targets[one], data.labels[one], data.feature_names, data.class_names)


def _largest(differences: Floats) -> float | None:
    """Return the largest absolute difference of (P, networks), over the networks whose numbers are all finite."""
    finite = differences[:, np.isfinite(differences).all(axis=0)]
    return float(np.abs(finite).max()) if finite.size else None
