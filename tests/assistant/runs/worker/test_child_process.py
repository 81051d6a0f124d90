"""A process beside the worker: it leaves nothing behind, and what it could not be started for is not done later."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.runs.worker.child_process import ChildProcess
from tests.conftest import ROOT

pytestmark = pytest.mark.slow

SCRIPT = """
import os
from assistant.runs.worker.child_process import ChildProcess

if __name__ == "__main__":
    process = ChildProcess(os.getpid)
    print(process.submit(os.getpid).result(), flush=True)
    process.submit(input)
    process.end()
    process.end()
    os._exit(0)
"""


class Prepare:
    """What cannot be handed to a process until a file is there, as where the system has no process left."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __reduce__(self) -> tuple[object, ...]:
        if not self.file.exists():
            raise BlockingIOError("no process is left")
        return (Prepare, (self.file,))

    def __call__(self) -> None:
        pass


@pytest.fixture
def process(tmp_path: Path) -> Iterator[ChildProcess]:
    process = ChildProcess(Prepare(tmp_path / "processes"))
    yield process
    process.end()


def test_a_process_that_is_ended_leaves_nothing_behind(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(SCRIPT, encoding="utf-8")
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    finished = subprocess.run(
        [sys.executable, script], env=environment, capture_output=True, text=True, timeout=60, check=True
    )
    assert finished.stderr == ""  # Python's resource tracker tells there of semaphores that were left
    with pytest.raises(ProcessLookupError):
        os.kill(int(finished.stdout), 0)


def test_what_a_process_could_not_be_started_for_is_not_done_by_the_next(process: ChildProcess, tmp_path: Path) -> None:
    with pytest.raises(BlockingIOError):
        process.submit(Path.touch, tmp_path / "first")
    (tmp_path / "processes").touch()
    process.submit(Path.touch, tmp_path / "second").result(60)
    assert (tmp_path / "second").exists()
    assert not (tmp_path / "first").exists()
