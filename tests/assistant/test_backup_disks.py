"""Backups on disks that are full, and on such as know no links."""

import errno
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from tests.assistant.conftest import Run, questions_in
from tests.conftest import ROOT

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("error", [errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK, errno.EACCES])
def test_a_backup_is_made_where_there_are_no_links(
    run: Run, client: FlaskClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: int
) -> None:
    came = tmp_path / "came meanwhile"

    def refuse(_part: Path, target: Path) -> None:
        if target == came:
            came.write_text("mine", encoding="ascii")
        raise OSError(error, os.strerror(error))

    monkeypatch.setattr(os, "link", refuse)
    client.post("/questions", data={"question": "What is kept?"})
    saved = run("backup", tmp_path / "copy.sqlite")
    assert saved.exit_code == 0, saved.output
    assert (tmp_path / "copy.sqlite").stat().st_mode & 0o777 == 0o600
    assert run("restore", tmp_path / "copy.sqlite").exit_code == 0
    assert questions_in(tmp_path / "copy.sqlite") == ["What is kept?"]
    assert "is there already" in run("backup", tmp_path / "copy.sqlite").output

    told = run("backup", came)
    assert (told.exit_code, told.output.count("\n")) == (1, 1)
    assert "File exists" in told.output
    assert came.read_text(encoding="ascii") == "mine"
    assert list(tmp_path.glob(".*")) == []


# A mount namespace of its own with a disk of the given size at the data folder, which goes back where it was from.
SMALL_DISK = """
mkdir "$1.disk" && mount -t tmpfs -o size="$2" none "$1.disk" && cp -p "$1"/* "$1.disk" || exit 77
mount --move "$1.disk" "$1"
folder="$1" left="$3"
shift; shift; shift
"$@"
status=$?
cp -p "$folder"/* "$left" && ls -A "$folder"
exit $status
"""


def on_a_disk_of(size: int, folder: Path, left: Path, *args: object) -> "subprocess.CompletedProcess[str]":
    """Run a flask command where the data folder is a disk of so many bytes, which is then copied to ``left``."""
    left.mkdir()
    namespace = ["unshare", "--mount", "sh", "-c", SMALL_DISK, "sh", str(folder), str(size), str(left)]
    told = subprocess.run(
        [*namespace, sys.executable, "-m", "flask", "--app", "wsgi", *map(str, args)],
        cwd=ROOT,
        env=os.environ | {"DATA_DIR": str(folder), "SECRET_KEY": "k" * 40},
        capture_output=True,
        text=True,
        check=False,
    )
    if told.returncode == 77 or "unshare" in told.stderr:
        pytest.skip(f"no small disk can be made: {told.stderr}")
    return told


@pytest.fixture
def earlier(run: Run, client: FlaskClient, data_dir: Path, tmp_path: Path) -> Path:
    """A backup without the question that is asked afterwards; the data folder holds the database as one file."""
    if shutil.which("unshare") is None:
        pytest.skip("no unshare here")
    assert run("backup", tmp_path / "earlier").exit_code == 0
    client.post("/questions", data={"question": "What is kept?"})
    assert run("backup", tmp_path / "now").exit_code == 0
    shutil.rmtree(data_dir)
    data_dir.mkdir()
    shutil.move(tmp_path / "now", data_dir / "askneuron.sqlite")
    return tmp_path / "earlier"


@pytest.mark.parametrize(
    ("disk", "command", "said"),
    [
        (1.5, "backup", "cannot back {folder}/askneuron.sqlite up to {folder}/copy: "),
        (1.5, "restore", "cannot keep a copy of {folder}/askneuron.sqlite, so it was not replaced: "),
        (2.5, "restore", "cannot replace {folder}/askneuron.sqlite, which is as it was: "),
    ],
)
def test_a_full_disk_is_told_and_nothing_is_left_on_it(
    earlier: Path, data_dir: Path, tmp_path: Path, disk: float, command: str, said: str
) -> None:
    size = int(disk * (data_dir / "askneuron.sqlite").stat().st_size)
    given = data_dir / "copy" if command == "backup" else earlier
    told = on_a_disk_of(size, data_dir, tmp_path / "left", command, given)
    assert told.stderr == f"Error: {said.format(folder=data_dir)}database or disk is full\n"
    assert (told.returncode, told.stdout) == (1, "askneuron.sqlite\n")
    assert questions_in(tmp_path / "left" / "askneuron.sqlite") == ["What is kept?"]


def test_where_the_disk_is_full_a_damaged_database_stays_where_it_is(
    earlier: Path, data_dir: Path, tmp_path: Path
) -> None:
    database = data_dir / "askneuron.sqlite"
    damaged = b"no database" * (database.stat().st_size // 11)
    database.write_bytes(damaged)
    told = on_a_disk_of(int(1.5 * len(damaged)), data_dir, tmp_path / "left", "restore", earlier)
    assert told.stderr == f"Error: cannot replace {database}, which is as it was: database or disk is full\n"
    assert (told.returncode, told.stdout) == (1, "askneuron.sqlite\n")
    assert (tmp_path / "left" / "askneuron.sqlite").read_bytes() == damaged
