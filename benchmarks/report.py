"""Say what was measured: a table, facts about the engine, and the project's targets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.harness import SIZES, STEPS, Measured, Way

TOLERANCE = 1e-3
SMALL, MIDDLE, LARGE = SIZES
HEAD = (
    "way",
    "networks",
    "steps",
    "first s",
    "best s",
    "rate",
    "× Keras",
    "of engine",
    "cores",
    "mean loss",
    "difference",
)


@dataclass(frozen=True)
class Row:
    """One line of the table: a case next to Keras, and next to the engine's full batch with as many networks."""

    way: Way
    networks: int
    steps: int
    repeats: int
    first_seconds: float
    seconds: float
    rate: float
    cores: float
    times_keras: float | None
    of_engine: float | None
    mean_loss: float
    difference: float | None  # of the mean loss, from the engine's after as many steps of the same networks
    networks_off: int | None  # how many networks' losses differ from the engine's by more than `TOLERANCE`

    def cells(self) -> list[str]:
        """Return the line's texts, in the order of the head."""
        return [
            *(self.way, f"{self.networks:,}", str(self.steps), f"{self.first_seconds:.2f}", f"{self.seconds:.3f}"),
            f"{self.rate:,.0f}",
            "–" if self.times_keras is None else f"{self.times_keras:,.0f}",
            "–" if self.of_engine is None else f"{self.of_engine:.3g}",
            *(f"{self.cores:.1f}", f"{self.mean_loss:.5f}"),
            "–" if self.difference is None else f"{self.difference:+.0e}, {self.networks_off} off",
        ]


@dataclass(frozen=True)
class Target:
    """One of the project's targets and what this run found; None where something that it needs is missing."""

    text: str
    found: float | None
    reached: bool | None

    def line(self) -> str:
        """Say it in one line."""
        if self.found is None:
            return f"not measured  {self.text}"
        return f"{'reached' if self.reached else 'NOT reached':13} {self.text}: {self.found:,.3g}"


def rows(cases: Sequence[Measured], reference: Mapping[str, Sequence[float]]) -> list[Row]:
    """Set every case against Keras and the engine; ``reference`` holds the engine's losses by steps."""
    keras = next((case.rate for case in cases if case.way == Way.KERAS), None)
    engine = {case.networks: case.rate for case in cases if case.way == Way.FULL}
    found = []
    for case in cases:
        # Mini-batches are another training: their losses are not to be compared.
        compared = case.way != Way.BATCHES and str(case.steps) in reference
        off = np.subtract(case.loss, reference[str(case.steps)][: case.networks]) if compared else None
        found.append(
            Row(
                *(case.way, case.networks, case.steps, case.repeats, case.first_seconds, case.seconds, case.rate),
                cores=case.cores,
                times_keras=case.rate / keras if keras else None,
                of_engine=case.rate / engine[case.networks] if case.networks in engine else None,
                mean_loss=float(np.mean(case.loss)),
                difference=None if off is None else float(off.mean()),
                networks_off=None if off is None else int(np.sum(np.abs(off) > TOLERANCE)),
            )
        )
    return found


def table(lines: Sequence[Row], missing: Mapping[Way, str]) -> str:
    """Return the lines as text, with a line for each way that is missing and why."""
    texts = [HEAD, *(line.cells() for line in lines)]
    widths = [max(map(len, column)) for column in zip(*texts, strict=True)]
    drawn = [
        "  ".join([first.ljust(widths[0]), *(text.rjust(width) for text, width in zip(rest, widths[1:], strict=True))])
        for first, *rest in texts
    ]
    return "\n".join([*drawn, *(f"{way.ljust(widths[0])}  {why}" for way, why in missing.items())])


def agreement(lines: Sequence[Row]) -> str:
    """Say whether all ways trained the same networks."""
    compared = [line for line in lines if line.difference is not None]
    apart = [line for line in compared if abs(line.difference or 0) > TOLERANCE]
    if not apart:
        return f"All {len(compared)} mean losses that can be compared agree with the engine's within {TOLERANCE}."
    names = "; ".join(f"{line.way}, {line.networks:,} networks" for line in apart)
    return f"NOT the same training, by mean losses more than {TOLERANCE} apart: {names}."


def facts(lines: Sequence[Row], found: Mapping[str, float]) -> dict[str, float]:
    """Return what is known of the engine beside its rates."""
    at = {(line.way, line.networks): line for line in lines}
    full = {size: at[Way.FULL, size] for size in SIZES}
    recording = at[Way.RECORDED, SMALL].seconds - full[SMALL].seconds
    return {
        **found,
        **{f"batches_of_full_at_{size}": at[Way.BATCHES, size].rate / full[size].rate for size in SIZES},
        f"seconds_of_{MIDDLE}_by_seconds_of_{SMALL}": full[MIDDLE].seconds / full[SMALL].seconds,
        f"cores_busy_at_{LARGE}": full[LARGE].cores,
        "recording_seconds": recording,
        "recording_of_training": recording / full[SMALL].seconds,
    }


def targets(lines: Sequence[Row], known: Mapping[str, float]) -> list[Target]:
    """Hold the targets against this run."""
    at = {(line.way, line.networks): line for line in lines}
    large = (MIDDLE, LARGE)

    def times(way: Way) -> float | None:
        """Return how many times ``way``'s rate the engine reaches at 1,024 networks and more, at least."""
        ratios = [1 / (at[way, size].of_engine or np.inf) for size in large if (way, size) in at]
        return min(ratios) if len(ratios) == len(large) else None

    def least(text: str, found: float | None, limit: float) -> Target:
        return Target(text, found, None if found is None else found >= limit)

    def most(text: str, found: float | None, limit: float) -> Target:
        return Target(text, found, None if found is None else found <= limit)

    keras = [line.times_keras for line in lines if line.way == Way.FULL and line.networks in large]
    ratio = f"seconds_of_{MIDDLE}_by_seconds_of_{SMALL}"
    compile_seconds = max(value for name, value in known.items() if name.startswith("compile_"))
    batches = min(value for name, value in known.items() if name.startswith("batches_of_full"))
    return [
        least(
            "at 1,024 networks and more at least 20,000 times Keras",
            min((each for each in keras if each is not None), default=None),
            20_000,
        ),
        least("at 1,024 networks and more at least 8 times JAX", times(Way.JAX), 8),
        most("1,024 networks in at most 17 times the time of 64", known[ratio], 17),
        most("each program compiles in under 2 s; the slowest", compile_seconds, 2),
        least("mini-batches at half the full-batch rate or more; the least", batches, 0.5),
        most(f"{LARGE:,} networks x {STEPS} steps in under 1.5 GiB", known["peak_memory_gib"], 1.5),
        least("stretch: at 1,024 networks and more half of vector C on the same cores", times(Way.VECTOR_C), 0.5),
    ]
