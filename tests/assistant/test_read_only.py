"""A file system that may only be read, but for the data folder."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

pytestmark = pytest.mark.slow
# A mount namespace of its own, in which all is read-only but for the folder that is named, and /dev.
READ_ONLY = """
mount --bind "$1" "$1" && mount -o remount,bind,ro /
for each in $(awk '{print $2}' /proc/self/mounts | grep -E '^/(tmp|var|home|work|srv)'); do
    [ "$each" = "$1" ] || mount -o remount,bind,ro "$each" 2>/dev/null
done
mount -o remount,bind,rw "$1"
shift
exec "$@"
"""


def in_read_only(folder: Path, *command: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run a command where only ``folder`` can be written."""
    namespace = ["unshare", "--mount", "sh", "-c", READ_ONLY, "sh", str(folder)]
    environment = os.environ | {"DATA_DIR": str(folder), "PYTHONDONTWRITEBYTECODE": "1"} | environment
    environment.pop("TMPDIR", None)
    environment.pop("MPLCONFIGDIR", None)
    return subprocess.run(
        [*namespace, *command], cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=300
    )


@pytest.fixture
def folder(sqlite_with_an_entry: Path, tmp_path: Path) -> Path:
    """A data folder that can be written where nothing else can; skips where no such place can be made."""
    data = Path(shutil.copytree(sqlite_with_an_entry, tmp_path / "data"))
    if shutil.which("unshare") is None:
        pytest.skip("no unshare here")
    told = in_read_only(data, "sh", "-c", f"touch {data}/inside && ! touch {tmp_path}/outside {ROOT}/outside")
    if told.returncode:
        pytest.skip(f"no read-only file system can be made: {told.stderr}")
    return data


def test_commands_work_and_fonts_are_found(folder: Path) -> None:
    told = in_read_only(folder, sys.executable, "-m", "flask", "--app", "wsgi", "doctor", HOME=str(folder.parent))
    lines = {line.split()[1]: line for line in told.stdout.splitlines()}
    assert {name: lines[name].split()[0] for name in ("folder", "database", "fonts")} == dict.fromkeys(
        ("folder", "database", "fonts"), "ok"
    ), told.stdout
    assert "Traceback" not in told.stdout + told.stderr


def test_a_data_folder_that_may_only_be_read_ends_in_one_line(folder: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    told = in_read_only(folder, sys.executable, "-m", "flask", "--app", "wsgi", "doctor", DATA_DIR=str(elsewhere))
    assert told.returncode != 0
    (line,) = [each for each in (told.stdout + told.stderr).splitlines() if each.strip()]
    assert line.startswith("askneuron: setting DATA_DIR: nothing can be written in")


def test_the_web_process_starts_and_answers(folder: Path) -> None:
    gunicorn = f"{sys.executable} -m gunicorn --bind unix:{folder}/web --worker-tmp-dir /dev/shm --no-control-socket"
    ask = (
        "import http.client, socket, sys, time\n"
        "for _ in range(1200):\n"
        "    link = socket.socket(socket.AF_UNIX)\n"
        "    try:\n"
        "        link.connect(sys.argv[1])\n"
        "        break\n"
        "    except OSError:\n"
        "        time.sleep(0.1)\n"
        "web = http.client.HTTPConnection('here')\n"
        "web.sock = link\n"
        "web.request('POST', '/questions', 'question=Why+do+neurons+differ', "
        "{'Content-Type': 'application/x-www-form-urlencoded'})\n"
        "print(web.getresponse().status)\n"
    )
    script = f'{gunicorn} wsgi:app & web=$!; {sys.executable} -c "$1" {folder}/web; kill $web; wait $web'
    told = in_read_only(folder, "sh", "-c", script, "sh", ask, HOME=str(folder.parent))
    assert told.stdout == "303\n", told.stderr
    assert "Traceback" not in told.stderr
