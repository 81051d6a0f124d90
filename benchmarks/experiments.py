"""How long each experiment takes with its figures on a warm process, beside one plain training in the same rounds.

``python -m benchmarks.experiments [FILE]`` runs every experiment at its defaults with 64 networks, draws its figures as
the worker does, and writes the rows as JSON to FILE. ``python -m benchmarks`` does it last.
"""

import json
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from math import inf
from pathlib import Path
from time import perf_counter

from benchmarks.harness import RATE, STEPS
from models import ensemble, initializers, registry
from models.datasets import blobs
from models.experiment import NETWORKS
from models.loading import load_engine
from models.network import Network

ROUNDS = 4
AIM = 1.5  # seconds on two cores


@dataclass
class Row:
    """The fastest of the timed runs of one experiment, in seconds; ``units`` is the whole beside a plain training."""

    experiment: str
    network_steps: int  # at the most
    train: float = inf
    figures: float = inf
    kilobytes: float = 0.0
    units: float = inf

    @property
    def seconds(self) -> float:
        """Training and drawing together."""
        return self.train + self.figures


def plain_training() -> None:
    """Train 64 networks on the blobs, full batch: the unit, which does no more than every experiment does."""
    network = Network((2, 2, 4), "relu", "softmax_crossentropy")
    start = initializers.start(network, "glorot_uniform", seed=0, members=range(NETWORKS))
    ensemble.train(network, start, blobs.load(), ensemble.Optimizer("adam", RATE), steps=STEPS)


def timed(do: Callable[[], None]) -> float:
    """Return the seconds that ``do`` takes."""
    began = perf_counter()
    do()
    return perf_counter() - began


def run(name: str, seed: int) -> tuple[float, float, int]:
    """Run an experiment and draw its figures; return the seconds of both, and the figures' bytes."""
    from models.figures import style  # noqa: PLC0415 - matplotlib is not needed before

    experiment = registry.find(name)
    began = perf_counter()
    result = experiment.execute(experiment.validate({}, NETWORKS, seed), seed=seed)
    trained = perf_counter()
    size = sum(len(style.svg(figure)) for figure in experiment.figures(result))
    return trained - began, perf_counter() - trained, size


def measure() -> tuple[float, list[Row]]:
    """Return the unit's seconds and every experiment's row: once to compile and draw, then round after round."""
    load_engine()
    rows = [Row(name, registry.describe(name)["cost"]["default"]) for name in registry.names()]
    plain_training()
    for row in rows:
        run(row.experiment, 0)
    unit = inf
    for seed in range(1, ROUNDS + 1):
        unit = min(unit, *(timed(plain_training) for _ in range(3)))
        for row in rows:
            train, figures, size = run(row.experiment, seed)
            if train + figures < row.seconds:
                row.train, row.figures, row.kilobytes = train, figures, size / 1_000
    for row in rows:
        row.units = row.seconds / unit
    return unit, rows


def table(unit: float, rows: list[Row]) -> str:
    """Say what was measured."""
    head = f"{'experiment, warm, 64 networks':32}{'network-steps':>14}{'train s':>9}{'figures s':>11}{'all s':>8}"
    head += f"{'units':>8}{'KB':>7}"
    lines = [
        f"{row.experiment:32}{row.network_steps:>14,}{row.train:>9.2f}{row.figures:>11.2f}{row.seconds:>8.2f}"
        f"{row.units:>8.1f}{row.kilobytes:>7.0f}"
        for row in sorted(rows, key=lambda row: -row.seconds)
    ]
    slow = [row.experiment for row in rows if row.seconds > AIM]
    told = f"aim: {AIM} s each; " + (f"slower: {', '.join(slow)}" if slow else "reached by all")
    unit_line = f"one unit: {unit:.3f} s, a plain training of 64 networks, {STEPS} full-batch steps, in the same rounds"
    return "\n".join([head, *lines, unit_line, told])


def main(arguments: list[str]) -> None:
    """Measure, print, and write JSON where a file is named."""
    unit, rows = measure()
    print(table(unit, rows))
    if arguments:
        found = {"unit_seconds": unit, "rows": [asdict(row) | {"seconds": row.seconds} for row in rows]}
        Path(arguments[0]).write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
