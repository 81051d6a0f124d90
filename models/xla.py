"""TensorFlow as the engine uses it: loaded once, with its flags, on the CPU alone.

Importing this module loads TensorFlow, which takes seconds; `models.ensemble` does so at the first training.
"""

import os
from typing import Any

# XLA reads its flags once. Wide vectors change the speed and not the results; fast math would change the results.
# One part in code generation keeps the compilation from splitting small programs into many modules.
_FLAGS = "--xla_cpu_prefer_vector_width=512 --xla_cpu_parallel_codegen_split_count=1"
os.environ["XLA_FLAGS"] = f"{os.environ.get('XLA_FLAGS', '')} {_FLAGS}".strip()
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import tensorflow as tf  # noqa: E402 - after the flags

CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1

tf.config.set_visible_devices([], "GPU")  # Results are promised to the last bit on a CPU only.
tf.config.threading.set_intra_op_parallelism_threads(CORES)

Tensor = Any  # TensorFlow carries no types; shapes stand at the ends of lines.
Function = Any  # A function that TensorFlow made.

__all__ = ["CORES", "Function", "Tensor", "tf"]
