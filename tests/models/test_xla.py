"""TensorFlow is loaded as the engine needs it, in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CODE = """
import os, sys
before = dict(os.environ)
from models.xla import tf
heavy = {"keras", "sklearn", "matplotlib.pyplot"} & set(sys.modules)
left = os.environ.get("TF_USE_LEGACY_KERAS") == before.get("TF_USE_LEGACY_KERAS")
print(sorted(heavy), left, tf.keras.optimizers.Adam.__module__.split(".")[0])
"""


@pytest.mark.slow
@pytest.mark.parametrize("chosen", [None, "0"])
def test_the_engine_loads_no_keras_and_leaves_it_to_whoever_uses_it(chosen: str | None) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "TF_USE_LEGACY_KERAS"}
    if chosen is not None:
        environment["TF_USE_LEGACY_KERAS"] = chosen
    command = [sys.executable, "-c", CODE]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[-2] == "[] True keras"
