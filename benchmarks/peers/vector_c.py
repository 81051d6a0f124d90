"""Vector C by hand (vector_c.c): compile it, train with it on every core."""

import ctypes
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

import numpy as np

from benchmarks.harness import RATE, STEPS, Floats, Problem, Result, Way, ensembles, main

SOURCE = Path(__file__).with_suffix(".c")
FLAGS = ("-O3", "-march=native", "-ffast-math", "-fopenmp", "-shared", "-fPIC")


def compiled(folder: Path) -> ctypes.CDLL:
    """Compile the source into ``folder``; end the process with a message where that cannot be."""
    compiler = shutil.which("gcc")
    if compiler is None:
        sys.exit("not available: no C compiler")
    library = folder / "vector_c.so"
    found = subprocess.run(
        [compiler, *FLAGS, "-o", library, SOURCE, "-lm"], check=False, capture_output=True, text=True
    )
    if found.returncode:
        sys.exit(f"not available: gcc cannot compile it\n{found.stderr}")
    return ctypes.CDLL(str(library))


def run(problem: Problem) -> Result:
    """Measure ensembles of every size."""
    began = perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        library = compiled(Path(folder))
    seconds = perf_counter() - began
    x, targets = (np.ascontiguousarray(part, np.float32) for part in (problem.x, problem.targets))

    def train(networks: int, steps: int) -> Floats:
        parts = [part.reshape(-1, networks) for part in problem.start(networks)]
        parameters, loss = np.concatenate(parts), np.empty(networks, np.float32)  # (P, networks), (networks,)
        numbers = (ctypes.c_int(networks), ctypes.c_int(len(x)), ctypes.c_int(steps), ctypes.c_float(RATE))
        library.train(*numbers, *(ctypes.c_void_p(each.ctypes.data) for each in (x, targets, parameters, loss)))
        return loss

    cases = ensembles(Way.VECTOR_C, train, (STEPS,) * 3)
    for case in cases:
        case.first_seconds = seconds  # What a first call waits for is gcc.
    return Result(cases)


if __name__ == "__main__":
    main(run)
