"""TensorFlow as the engine uses it: loaded once, with its flags, on the CPU alone.

Importing this module loads TensorFlow, which takes seconds; `models.ensemble` does so at the first training.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from itertools import count
from typing import Any

# XLA reads its flags once. Wide vectors change the speed and not the results; fast math would change the results.
# One part in code generation keeps the compilation from splitting small programs into many modules. No operation is
# spread over cores: blocks are trained side by side, and handing over parts of a small operation costs more than it
# gains.
_FLAGS = (
    "--xla_cpu_prefer_vector_width=512 --xla_cpu_parallel_codegen_split_count=1 "
    "--xla_disable_hlo_passes=cpu-parallel-task-assigner"
)
os.environ["XLA_FLAGS"] = f"{os.environ.get('XLA_FLAGS', '')} {_FLAGS}".strip()
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

# TensorFlow loads Keras to tell its functions of Keras' optimisers, and with it scikit-learn and pyplot: nearly half of
# its seconds. Asked for the legacy Keras, which is not installed, it loads none before `tf.keras` is first used.
_KERAS = "TF_USE_LEGACY_KERAS"
_chosen = os.environ.get(_KERAS)
os.environ[_KERAS] = "1"
import tensorflow as tf  # noqa: E402 - after the flags

os.environ.pop(_KERAS)
if _chosen is not None:
    os.environ[_KERAS] = _chosen
from tensorflow.python.framework import ops  # noqa: E402 - there is no public way to what `numbers_from` does

CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1

tf.config.set_visible_devices([], "GPU")  # Results are promised to the last bit on a CPU only.
tf.config.threading.set_intra_op_parallelism_threads(CORES)

Tensor = Any  # TensorFlow carries no types; shapes stand at the ends of lines.
Function = Any  # A function that TensorFlow made.

__all__ = ["CORES", "Function", "Tensor", "numbers_from", "tf"]

_thread = threading.local()
_next_number = ops.uid


@contextmanager
def numbers_from(name: str) -> Iterator[None]:
    """Let TensorFlow number what this thread traces by a name, and not by what the process has traced before.

    The numbers are part of functions' names, by which XLA finds compiled programs on disk. A process uses a name once.
    """
    ops.get_default_graph()  # A thread makes it once, and would number it when it traces for the first time.
    _thread.numbers = count(int.from_bytes(sha256(name.encode()).digest()[:4], "big") << 24)
    try:
        yield
    finally:
        del _thread.numbers


def _number() -> int:
    numbers = getattr(_thread, "numbers", None)
    return int(_next_number() if numbers is None else next(numbers))


ops.uid = _number
