"""Compiled programs on disk: another process finds them, whatever it did before, and is none the worse without them."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from models import compilation_cache
from models.compilation_cache import FLAG, FLAGS, KEPT, ROOM, WRITTEN, use_cache
from tests.conftest import ROOT

pytestmark = pytest.mark.slow

PROGRAM = """
import logging, sys
from pathlib import Path
from models.loading import load_engine
logging.basicConfig(format="%(message)s")
load_engine(Path(sys.argv[1]))
import numpy as np
import tensorflow as tf
from models import ensemble
from models.datasets import blobs
from models.ensemble import Optimizer
from models.initializers import start
from models.network import Network
from models.versions import versions
for _ in range(int(sys.argv[2])):
    tf.function(lambda x: x + 1)(tf.constant(1.0))
network = Network((2, 2, 4), "relu", "softmax_crossentropy")
starts = start(network, "glorot_uniform", seed=4, members=range(3))
trained = ensemble.train(network, starts, blobs.load(), Optimizer("adam"), steps=20, seed=1, members=range(3))
print(trained.parameters.tobytes().hex())
print(versions()["xla_flags"])
"""


def train(folder: Path, *, traced_before: int = 0) -> tuple[str, str]:
    """Train in a process of its own; return its networks and XLA's flags, and what it warned of."""
    environment = {name: value for name, value in os.environ.items() if name != FLAGS}
    command = [sys.executable, "-c", PROGRAM, str(folder), str(traced_before)]
    process = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    return process.stdout, process.stderr


def stored(folder: Path) -> dict[Path, int]:
    """Return the compiled programs, and when each was written, in nanoseconds."""
    return {file: file.stat().st_mtime_ns for file in folder.glob("*/*")}


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A folder of compiled programs, and what the process that compiled them printed."""
    folder = tmp_path_factory.mktemp("compiled") / 'what "we" have'  # TensorFlow's flags are parted at blanks
    networks, warned = train(folder)
    assert (len(stored(folder)), warned) == (1, "")
    return folder, networks


def test_another_process_takes_what_is_there_and_gives_the_same_bits(filled: tuple[Path, str]) -> None:
    folder, networks = filled
    before = stored(folder)
    assert train(folder, traced_before=3) == (networks, "")
    assert stored(folder) == before  # what XLA does not find, it compiles and writes


def test_runs_record_the_engines_flags_all_the_same(filled: tuple[Path, str]) -> None:
    # The folder's name follows from the versions, which are looked at for it before the engine sets its flags.
    assert "--xla_cpu_prefer_vector_width" in filled[1]


def test_a_damaged_program_is_compiled_anew_and_said(filled: tuple[Path, str]) -> None:
    folder, networks = filled
    (file,) = stored(folder)
    file.write_bytes(file.read_bytes()[:3_000])
    again, warned = train(folder)
    assert again == networks
    assert "a compiled program is damaged or cannot be stored" in warned
    (another,) = stored(folder)
    assert another != file


@pytest.fixture
def unloaded(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A process as it is before TensorFlow is loaded, with no flags."""
    monkeypatch.delitem(sys.modules, "tensorflow", raising=False)
    monkeypatch.setenv(FLAGS, "--of_its_own=1")
    monkeypatch.setattr(compilation_cache, "_used", None)
    return monkeypatch


@pytest.mark.usefixtures("unloaded")
def test_folders_that_nobody_has_used_for_long_are_deleted(tmp_path: Path) -> None:
    for name, age in ("old", KEPT + 60), ("new", KEPT - 60):
        (tmp_path / name).mkdir()
        (tmp_path / name / "program").touch()
        os.utime(tmp_path / name, (time.time() - age,) * 2)
    use_cache(tmp_path)
    used = tmp_path / compilation_cache._digest()
    assert set(tmp_path.iterdir()) == {tmp_path / "new", used}
    assert os.environ[FLAGS] == f'--of_its_own=1 {FLAG}="{used}"'


@pytest.mark.usefixtures("unloaded")
def test_what_was_left_half_written_is_deleted(tmp_path: Path) -> None:
    used = tmp_path / compilation_cache._digest()
    used.mkdir()
    for name, age in ("whole.pb", 2 * WRITTEN), ("left.tmp", 2 * WRITTEN), ("under-way.tmp", 0):
        (used / name).touch()
        os.utime(used / name, (time.time() - age,) * 2)
    use_cache(tmp_path)
    assert {file.name for file in used.iterdir()} == {"whole.pb", "under-way.tmp"}


def test_a_folder_that_is_named_already_stays(unloaded: pytest.MonkeyPatch, tmp_path: Path) -> None:
    unloaded.setenv(FLAGS, f"{FLAG}=/elsewhere")
    use_cache(tmp_path)
    assert os.environ[FLAGS] == f"{FLAG}=/elsewhere"
    assert not list(tmp_path.iterdir())


@pytest.mark.usefixtures("unloaded")
def test_where_nothing_can_be_written_nothing_is_kept(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").touch()
    use_cache(tmp_path / "file")
    assert os.environ[FLAGS] == "--of_its_own=1"
    assert "programs are compiled anew, as none can be kept there: Not a directory" in caplog.text


def test_a_disk_that_is_nearly_full_is_not_filled(
    unloaded: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    unloaded.setattr("models.compilation_cache.ROOM", ROOM << 30)
    use_cache(tmp_path)
    assert os.environ[FLAGS] == "--of_its_own=1"
    assert "MB are free there" in caplog.text


def test_other_code_and_other_versions_have_folders_of_their_own(unloaded: pytest.MonkeyPatch) -> None:
    before = compilation_cache._digest()
    unloaded.setattr(compilation_cache, "versions", lambda: {"tensorflow": "2.0"})
    assert compilation_cache._digest() != before
