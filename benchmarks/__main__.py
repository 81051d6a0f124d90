"""Measure every way to train in a process of its own, one after the other, and print what was found."""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter

from benchmarks import report
from benchmarks.harness import SIZES, Problem, Result, Way
from models import initializers
from models.datasets import blobs
from models.network import Network

ROOT = Path(__file__).resolve().parents[1]
HERE = Path(sys.executable)
PEERS = ROOT / ".venv-peers" / "bin" / "python"


@dataclass(frozen=True)
class Peer:
    """A program to be run: its module, what it measures first, its environment and its argument."""

    module: str
    way: Way
    python: Path = HERE
    argument: str | None = None


EVERY = (
    Peer("engine", Way.FULL, argument="rates"),
    Peer("engine", Way.FULL, argument="full"),
    Peer("engine", Way.FULL, argument="batches"),
    Peer("engine", Way.FULL, argument="dropout"),
    Peer("engine", Way.FULL, argument="memory"),
    Peer("vector_c", Way.VECTOR_C),
    Peer("jax_vmap", Way.JAX, PEERS),
    Peer("numpy_stacked", Way.NUMPY),
    Peer("torch_stacked", Way.TORCH, PEERS),
    Peer("keras_fit", Way.KERAS),
)


class Missing(Exception):  # noqa: N818 - it is no error that a peer is not here
    """A peer cannot be measured on this machine; the text says why."""


def measured(peer: Peer, problem: Path, result: Path) -> Result:
    """Run one peer.

    Raises:
        Missing: its environment or its compiler is not there, or it failed.

    """
    if not peer.python.exists():
        raise Missing("not installed: make bench-peers")
    command = [str(peer.python), "-m", f"benchmarks.peers.{peer.module}", str(problem), str(result)]
    command += [peer.argument] if peer.argument else []
    found = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    if found.returncode:
        lines = found.stderr.strip().splitlines() or ["no message"]
        raise Missing(lines[0] if lines[0].startswith("not available") else f"failed: {lines[-1]}")
    return Result.load(result)


def write_problem(path: Path) -> None:
    """Write the blobs and the starting weights of the largest ensemble."""
    network = Network((2, 2, 4), "relu", "softmax_crossentropy")
    data = blobs.load()
    start = initializers.start(network, "glorot_uniform", seed=0, members=range(SIZES[-1]))
    (w1, b1), (w2, b2) = network.unpack(start)
    Problem(data.x, data.targets, w1, b1, w2, b2).save(path)


def machine() -> dict[str, str | int]:
    """Return what the figures depend on."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    name = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.machine())
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    busy = f"{os.getloadavg()[0]:.2f}"  # Processes of others, if it is far above 0 before the first measurement.
    return {"processor": name, "cores": cores, "load_before": busy, "python": platform.python_version()}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    options = parser.parse_args()
    began, about = perf_counter(), machine()
    total, missing = Result(), dict[Way, str]()
    with tempfile.TemporaryDirectory() as folder:
        problem = Path(folder, "problem.npz")
        write_problem(problem)
        for peer in EVERY:
            print(f"measuring {peer.way} {peer.argument or ''}", file=sys.stderr)
            try:
                found = measured(peer, problem, Path(folder, "result.json"))
            except Missing as error:
                if peer.module == "engine":
                    sys.exit(f"the engine itself {error}")
                missing[peer.way] = str(error)
                continue
            total.cases += found.cases
            total.facts |= found.facts
            total.reference |= found.reference
        print("measuring every experiment", file=sys.stderr)
        command = [str(HERE), "-m", "benchmarks.experiments", str(Path(folder, "experiments.json"))]
        told = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
        experiments = json.loads(Path(folder, "experiments.json").read_text())
    rows = report.rows(total.cases, total.reference)
    facts = report.facts(rows, total.facts)
    targets = report.targets(rows, facts)
    seconds = perf_counter() - began
    print(", ".join(f"{name.replace('_', ' ')}: {value}" for name, value in about.items()))
    print(f"\n{report.table(rows, missing)}\n{report.agreement(rows)}\n")
    for name, value in facts.items():
        print(f"{name.replace('_', ' '):32} {value:.3g}")
    print("\n" + "\n".join(target.line() for target in targets))
    print(f"\n{told}\nmeasured in {seconds:.0f} s")
    if options.json:
        figures = {
            "machine": about,
            "rows": [asdict(row) for row in rows],
            "missing": missing,
            "engine": facts,
            "experiments": experiments,
            "targets": [asdict(target) for target in targets],
            "seconds": seconds,
        }
        options.json.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
