"""Ask why a neuron parts the four blobs two and two, and whether the error is simply smallest there.

Many networks are trained on the four blobs, and each hidden neuron's line is read off: which blobs lie on its active
side? Then the question about the error is put directly. Every pair of lines that could be drawn is held fixed, only the
output layer is trained, and the error that remains is compared with how often random starts end at that pair.
"""

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import combinations_with_replacement
from typing import ClassVar, final

import numpy as np
from pydantic import Field

from models.datasets import blobs
from models.ensemble import Optimizer, Progress, Recording, Trained, log_spaced, train
from models.experiment import Declared, Experiment, Findings, Hyperparameters, LabBatch, RandomStart, Rate, Result
from models.figures import Figure
from models.figures.splits import pairs_figure, split_map_figure, split_wall_figure
from models.initializers import start
from models.network import Network
from models.splits import Line, active_sides, patterns, possible_lines, same_split, two_and_two

NETWORK = Network((2, 2, 4), "relu", "softmax_crossentropy")
CONVERGED = 0.99  # accuracy
FROZEN_STEPS, FROZEN_RATE, FROZEN_L2 = 1_000, 0.05, 1e-3
# A line parts four points in 14 ways (Cover 1965), in 12 of which neither side is empty; 12 sides make 78 pairs.
PAIRS = 78


class Parameters(Hyperparameters):
    """What can be varied."""

    steps: int = Field(800, ge=1, le=20_000, description="training steps; 4 mini-batches of 32 make an epoch")
    rate: Rate = 0.01
    batch_size: LabBatch = 32
    initializer: RandomStart = "glorot_uniform"


@final
class BlobsSplit(Experiment[Parameters]):
    """Count how hidden neurons split the blobs, and hold every possible pair of splits against its error."""

    title = "How two neurons split four blobs"
    summary = (
        "Trains networks of two ReLU neurons on four blobs and counts which blobs lie on each neuron's active side."
    )
    parameters = Parameters
    declared: ClassVar = {
        "converged_share": Declared("share", "networks that get at least 99 % of the points right"),
        "two_two_share": Declared("share", "networks in which both neurons split the blobs two and two"),
        "two_two_share_at_start": Declared(
            "share", "networks in which both neurons split the blobs two and two already before training"
        ),
        "complementary_share": Declared("share", "networks whose neurons split two and two, in different ways"),
        "converged_complementary_share": Declared(
            "share", "of the converged networks: those whose neurons split two and two, in different ways"
        ),
        "pairs_that_fit": Declared("share", "of all pairs of lines held fixed: those that reach 99 % accuracy"),
        "best_frozen_pair": Declared("label", "the pair of lines with the smallest error when held fixed"),
        "diverged_share": Declared("share", "networks with a loss or weight that is no finite number"),
        "pattern.<a>|<b>": Declared("share", "networks with one neuron active on {a}, the other on {b} (blobs)"),
        "frozen_loss.<a>|<b>": Declared(
            "quantity", "cross-entropy with lines held fixed, one active on {a}, the other on {b} (blobs)", "nats"
        ),
        "frozen_accuracy.<a>|<b>": Declared(
            "quantity", "accuracy with lines held fixed, one active on {a}, the other on {b} (blobs)", "share of points"
        ),
    }

    def setup(self, hyperparameters: Parameters) -> dict[str, str]:
        """Describe the set-up."""
        batch = "full batch" if hyperparameters.batch_size == 100 else "shuffled mini-batches of 32"
        return {
            "data": "four blobs, 100 points, 2 features",
            "network": "2 ReLU hidden neurons, 4 outputs",
            "initialiser": f"{hyperparameters.initializer}, biases 0",
            "loss": "softmax cross-entropy",
            "optimiser": f"Adam, rate {hyperparameters.rate:g}",
            "steps": f"{hyperparameters.steps:,}, {batch}",
            "lines held fixed": f"widest margin between the blobs' centres, unit normals; the output layer trained for "
            f"{FROZEN_STEPS:,} full-batch Adam steps, rate {FROZEN_RATE:g}, L2 penalty {FROZEN_L2:g}",
        }

    def cost(self, hyperparameters: Parameters, networks: int) -> int:
        """Count the trained networks, and the frozen pairs."""
        return networks * hyperparameters.steps + PAIRS * FROZEN_STEPS

    def train(self, hyperparameters: Parameters, *, networks: int, seed: int, progress: Progress) -> dict[str, Trained]:
        """Train the networks and, side by side with them, the output layers over frozen lines."""
        with ThreadPoolExecutor(1) as beside:
            frozen = beside.submit(_train_frozen, progress)
            main = train(
                NETWORK,
                start(NETWORK, hyperparameters.initializer, seed=seed, networks=np.arange(networks)),
                blobs.load(),
                Optimizer(rate=hyperparameters.rate),
                steps=hyperparameters.steps,
                batch_size=hyperparameters.batch_size,
                seed=seed,
                recording=Recording(log_spaced(hyperparameters.steps), tuple(range(min(networks, 64)))),
                progress=progress,
            )
            return {"main": main, "frozen": frozen.result()}

    def measure(self, cohorts: Mapping[str, Trained], findings: Findings) -> None:
        """Read off every neuron's split, and every frozen pair's error."""
        data, main, frozen = blobs.load(), cohorts["main"], cohorts["frozen"]
        converged = NETWORK.accuracy(main.parameters, data.x, data.labels) >= CONVERGED
        sides = active_sides(NETWORK, main.parameters, data)
        complementary = two_and_two(sides) & ~same_split(sides)
        findings.share("converged_share", converged)
        findings.share("two_two_share", two_and_two(sides))
        findings.share("two_two_share_at_start", two_and_two(active_sides(NETWORK, main.start, data)))
        findings.share("complementary_share", complementary)
        findings.share("converged_complementary_share", complementary[converged])
        findings.share("diverged_share", main.diverged)
        found = patterns(sides)
        for name in sorted({*_pairs(), *found.tolist()}):
            findings.share(f"pattern.{name}", found == name)
        accuracy = NETWORK.accuracy(frozen.parameters, data.x, data.labels)
        findings.share("pairs_that_fit", accuracy >= CONVERGED)
        findings.label("best_frozen_pair", _pairs()[int(frozen.loss.argmin())])
        for name, loss, right in zip(_pairs(), frozen.loss, accuracy, strict=True):
            findings.quantity(f"frozen_loss.{name}", float(loss))
            findings.quantity(f"frozen_accuracy.{name}", float(right))

    def figures(self, result: Result) -> Iterable[Figure]:
        """Show one network, all networks by their splits, and each pair's error against how often it is reached."""
        yield split_map_figure(result, blobs.load())
        yield split_wall_figure(result, blobs.load())
        yield pairs_figure(result)


@cache
def _lines() -> dict[str, Line]:
    """Return the line that is held fixed for each side that a straight line can cut off."""
    return possible_lines(np.array(blobs.CENTERS))


def _pairs() -> list[str]:
    """Return the names of all unordered pairs of sides that straight lines can cut off, a side with itself included."""
    return ["|".join(pair) for pair in combinations_with_replacement(_lines(), 2)]


def _train_frozen(progress: Progress) -> Trained:
    """Train the output layer alone over every pair of lines, one network for each pair."""
    pairs = [[_lines()[side] for side in name.split("|")] for name in _pairs()]
    kernel = np.stack([np.column_stack([line.normal for line in pair]) for pair in pairs], axis=-1)
    bias = np.array([[line.offset for line in pair] for pair in pairs]).T
    trainable = np.ones((NETWORK.size, 1), np.float32)
    trainable[: NETWORK.layers[0].bias.stop] = 0
    return train(
        NETWORK,
        NETWORK.pack([(kernel, bias), (np.zeros((2, 4, len(pairs))), np.zeros((4, len(pairs))))]),
        blobs.load(),
        Optimizer(rate=FROZEN_RATE),
        steps=FROZEN_STEPS,
        trainable=trainable,
        l2=FROZEN_L2,
        progress=progress,
    )
