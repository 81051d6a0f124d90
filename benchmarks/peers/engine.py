"""The project's own engine, `models.ensemble.train`; what is timed is the whole call, its random orders included."""

import resource
import sys
from functools import partial

from benchmarks.harness import RATE, SHORT, SIZES, STEPS, Case, Floats, Problem, Result, Way, main, measure
from models import ensemble
from models.datasets import Dataset
from models.history import Recording, Trained, log_spaced
from models.network import Network

SETTINGS = {"full": (None, 0.0), "batches": (32, 0.0), "dropout": (None, 0.2)}  # each is a program of its own


def run(problem: Problem, what: str) -> Result:
    """Measure ``what``: the rates; the compilation of a program as the first of its process; or the peak memory."""
    network = Network((2, 2, 4), "relu", "softmax_crossentropy")
    labels = problem.targets.argmax(axis=1)
    data = Dataset(problem.x, problem.targets, labels, ("x₁", "x₂"), tuple("0123"))

    def trained(networks: int, program: str = "full", recording: Recording | None = None) -> Trained:
        start = network.pack([problem.start(networks)[:2], problem.start(networks)[2:]])  # (P, networks)
        batch_size, dropout = SETTINGS[program]
        return ensemble.train(
            *(network, start, data, ensemble.Optimizer("adam", RATE)),
            steps=STEPS,
            batch_size=batch_size,
            dropout=dropout,
            recording=recording,
        )

    if what in SETTINGS:
        return Result(facts={f"compile_{what}_seconds": trained(SIZES[0], what).timing.compile})
    if what == "memory":
        trained(SIZES[-1])
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return Result(facts={"peak_memory_gib": peak / (2**30 if sys.platform == "darwin" else 2**20)})

    def losses(networks: int, program: str = "full", recording: Recording | None = None) -> Floats:
        return trained(networks, program, recording).loss

    recorded = Recording(log_spaced(STEPS), tuple(range(SIZES[0])))
    cases = [
        *(Case(Way.FULL, networks, STEPS, partial(losses, networks)) for networks in SIZES),
        *(Case(Way.BATCHES, networks, STEPS, partial(losses, networks, "batches")) for networks in SIZES),
        Case(Way.RECORDED, SIZES[0], STEPS, partial(losses, SIZES[0], recording=recorded)),
    ]
    measured = measure(cases)
    every = Recording((SHORT, STEPS), tuple(range(SIZES[-1])))
    history = trained(SIZES[-1], recording=every).history
    reference = {str(step): loss.tolist() for step, loss in zip(history.steps, history.loss, strict=True)}
    return Result(measured, reference=reference)


if __name__ == "__main__":
    main(run)
