"""What every measured process shares: the problem that it reads, the timing, the result that it writes.

Nothing but NumPy is imported here, because some peers run in an environment without this project's dependencies.
"""

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from time import perf_counter, process_time

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

RATE = 0.01  # Adam's, with Keras' other settings: beta 0.9 and 0.999, epsilon 1e-7.
STEPS = 800
SHORT = 80  # Steps for what would take too long with all of them; the rate does not depend on them.
SIZES = (64, 1_024, 4_096)
REPEATS = 8
ENOUGH = 3.0  # A case that has been timed for so many seconds is not repeated again.


class Way(StrEnum):
    """What is compared, as the table names it."""

    FULL = "this project, full batch"
    BATCHES = "this project, mini-batches of 32"
    RECORDED = "this project, 40 steps recorded"
    VECTOR_C = "C, vectors by hand, fast math"
    JAX = "JAX, jit(vmap(scan))"
    NUMPY = "NumPy by hand, blocks of 64"
    TORCH = "PyTorch, stacked, eager"
    KERAS = "Keras, model.fit"
    KERAS_BATCHES = "Keras, train_on_batch"


@dataclass(frozen=True, eq=False)
class Problem:
    """The examples and the starting parameters, the same for every peer; ``networks`` is the last axis."""

    x: Floats  # (rows, inputs)
    targets: Floats  # (rows, outputs), one-hot
    w1: Floats  # (inputs, hidden, networks)
    b1: Floats  # (hidden, networks)
    w2: Floats  # (hidden, outputs, networks)
    b2: Floats  # (outputs, networks)

    @classmethod
    def load(cls, path: Path) -> "Problem":
        """Read a problem that `save` wrote."""
        with np.load(path) as arrays:
            return cls(**arrays)

    def save(self, path: Path) -> None:
        """Write the problem for the peers."""
        np.savez(path, **vars(self))

    def start(self, networks: int) -> tuple[Floats, Floats, Floats, Floats]:
        """Return the first ``networks`` networks' kernels and biases, layer after layer, as copies."""
        w1, b1, w2, b2 = (part[..., :networks].copy() for part in (self.w1, self.b1, self.w2, self.b2))
        return w1, b1, w2, b2


@dataclass(frozen=True)
class Case:
    """One training to be timed; ``train`` returns the networks' final losses (networks,) as NumPy numbers."""

    way: Way
    networks: int
    steps: int
    train: Callable[[], Floats]


@dataclass
class Measured:
    """How fast one case was. The first call, which also compiles, stands apart from the repeats."""

    way: Way
    networks: int
    steps: int
    loss: list[float]
    first_seconds: float
    seconds: float = np.inf  # of the fastest repeat
    cores: float = 0.0  # processor seconds by seconds, in the fastest repeat
    repeats: int = 0

    @property
    def rate(self) -> float:
        """Network-steps a second."""
        return self.networks * self.steps / self.seconds


@dataclass
class Result:
    """What one process found out: its cases, and facts of its own."""

    cases: list[Measured] = field(default_factory=list)
    facts: dict[str, float] = field(default_factory=dict)
    reference: dict[str, list[float]] = field(default_factory=dict)  # losses (networks,) after so many steps

    def save(self, path: Path) -> None:
        """Write the result for the process that started this one."""
        path.write_text(json.dumps(asdict(self)))

    @classmethod
    def load(cls, path: Path) -> "Result":
        """Read a result that `save` wrote."""
        found = json.loads(path.read_text())
        return cls(
            [Measured(**case | {"way": Way(case["way"])}) for case in found["cases"]],
            found["facts"],
            found["reference"],
        )


def timed(run: Callable[[], Floats]) -> tuple[Floats, float, float]:
    """Return what ``run`` returns, the seconds that it took and how many cores it kept busy."""
    began, work = perf_counter(), process_time()
    found = run()
    seconds = perf_counter() - began
    return found, seconds, (process_time() - work) / seconds


def measure(cases: Sequence[Case]) -> list[Measured]:
    """Call each case once, then time each case in turn, round after round, so that a slow minute hits all alike."""
    found = []
    for case in cases:
        loss, seconds, _ = timed(case.train)
        found.append(Measured(case.way, case.networks, case.steps, loss.tolist(), seconds))
    spent = [0.0] * len(cases)
    for _ in range(REPEATS):
        for index, (case, measured) in enumerate(zip(cases, found, strict=True)):
            if spent[index] > ENOUGH:
                continue
            _, seconds, cores = timed(case.train)
            spent[index] += seconds
            measured.repeats += 1
            if seconds < measured.seconds:
                measured.seconds, measured.cores = seconds, cores
    return found


def ensembles(way: Way, train: Callable[[int, int], Floats], steps: Sequence[int]) -> list[Measured]:
    """Measure ``train(networks, steps)``, which returns the losses, at each of `SIZES` with so many ``steps`` each."""

    def case(networks: int, count: int) -> Case:
        return Case(way, networks, count, lambda: train(networks, count))

    return measure([case(networks, count) for networks, count in zip(SIZES, steps, strict=True)])


def main(run: Callable[..., Result]) -> None:
    """Run a peer's program: ``python -m benchmarks.peers.NAME PROBLEM RESULT [ARGUMENT ...]``."""
    problem, result, *arguments = sys.argv[1:]
    run(Problem.load(Path(problem)), *arguments).save(Path(result))
