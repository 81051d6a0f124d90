"""How much longer pages take, and what an idle worker asks again and again, with 100,000 stored runs than with a few.

``python -m benchmarks.many_runs FOLDER`` takes the DATA_DIR of an installation on SQLite in which each entry has a run,
and leaves it as it is. In a copy, its runs are multiplied by SQL: with seeds, addresses and times of their own, every
third one varied. Web and worker run on one copy after the other; prints a table.
"""

import argparse
import os
import shutil
import sqlite3
import statistics
import subprocess
import tempfile
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from time import monotonic, perf_counter, sleep

import requests

from assistant import create_app
from assistant.config import Settings
from assistant.forum.cards import draw_next
from assistant.questions.understanding.matcher import refit
from assistant.questions.vector_queries import encode_next
from assistant.runs import queue
from assistant.runs.worker.drawing import Drawing
from benchmarks.service import BIN, ROOT, free_port
from benchmarks.soak.processes import PASSWORD, TEACHER
from benchmarks.soak.visitors import form_of

ENTRY = "why-neurons-differ"
TIMES = 7  # measurements of each
VARIED = '{"parameter": "rate", "value": 0.02, "own": 0.01}'
IDLE = "all looks of an idle worker"
LEARNERS = ("/", "/entries", f"/entries/{ENTRY}", f"/embed/{ENTRY}", "/?q=why+neurons", "/readyz", "/metrics")
EDITOR = f"/admin/entries/{ENTRY}"
TEACHERS = ("/admin/", EDITOR, f"{EDITOR}/edit", f"{EDITOR}/publish", "/admin/questions", "/admin/class")


def multiply(file: Path, runs: int) -> None:
    """Let a database hold so many runs more, and a question for each tenth of them."""
    with closing(sqlite3.connect(file)) as db:
        names = [name for _, name, *_ in db.execute("PRAGMA table_info(runs)")]
        own = {
            "id": "printf('many%012d', n)",
            "seed": "1000000 + n",
            "evidence": "evidence AND n % 3 > 0",
            "varied": f"CASE WHEN n % 3 = 0 THEN '{VARIED}' ELSE varied END",
        }
        for name in ("created_at", "started_at", "finished_at"):
            own[name] = f"strftime('%Y-%m-%d %H:%M:%f000', {name}, printf('-%d seconds', 60 + n * 60))"
        values = ", ".join(own.get(name, name) for name in names)
        (done,) = db.execute("SELECT count(*) FROM runs WHERE state = 'done'").fetchone()
        db.execute(
            f"WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {runs}), "  # noqa: S608
            "those AS (SELECT *, row_number() OVER (ORDER BY id) - 1 AS place FROM runs WHERE state = 'done') "
            f"INSERT INTO runs ({', '.join(names)}) SELECT {values} FROM numbers JOIN those ON place = n % {done}"
        )
        db.execute(
            "INSERT INTO cards (run_id, width, title, drawn_at) SELECT runs.id, 600, title, finished_at FROM runs "
            "JOIN revisions ON revisions.id = revision_id WHERE runs.id LIKE 'many%'"
        )
        db.commit()


class Place:
    """A web process and a worker on a data folder."""

    def __init__(self, folder: Path) -> None:
        port = free_port()
        self.address = f"http://127.0.0.1:{port}"
        self.environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
        self.environment |= {"DATA_DIR": str(folder), "PUBLIC_URL": self.address, "READS_PER_MINUTE": "1000000"}
        self.flask = [str(BIN / "flask"), "--app", "wsgi"]
        self.log = (folder / "log").open("wb")
        self.web = self._start(str(BIN / "gunicorn"), "--bind", f"127.0.0.1:{port}", "--no-control-socket", "wsgi:app")
        self.session = requests.Session()

    def _start(self, *command: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=self.log, stderr=self.log)

    def sign_in(self) -> None:
        """Sign a teacher in, once the web answers."""
        add = [*self.flask, "admin", "add", TEACHER, "--role", "owner", "--password-stdin"]
        subprocess.run(add, cwd=ROOT, env=self.environment, input=PASSWORD.encode(), check=True, capture_output=True)
        end = monotonic() + 120
        while True:
            try:
                page = self.session.get(f"{self.address}/admin/sign-in", timeout=60)
                break
            except requests.ConnectionError:
                if monotonic() > end:
                    raise
                sleep(0.5)
        typed = form_of(page, "/admin/sign-in") | {"name": TEACHER, "password": PASSWORD}
        self.session.post(f"{self.address}/admin/sign-in", data=typed, timeout=60)

    def seconds(self, path: str) -> float:
        """Return the median of the seconds that a page takes."""
        taken = []
        for _ in range(TIMES + 2):
            began = perf_counter()
            answer = self.session.get(self.address + path, timeout=300, allow_redirects=False)
            taken.append(perf_counter() - began)
            assert answer.status_code in {200, 503}, (path, answer.status_code)
        return statistics.median(taken[2:])

    def close(self) -> None:
        """End the web process."""
        self.web.terminate()
        self.web.wait(60)
        self.log.close()


def idle_seconds(folder: Path) -> float:
    """Return the seconds of all that a worker asks of the database again and again while it has nothing to do, once."""
    app = create_app(Settings.model_validate({"data_dir": folder}))
    looks: list[Callable[[], object]] = [partial(queue.claim, "none:1"), queue.owned_runs, queue.sweep, queue.leader]
    looks += [refit, draw_next, encode_next, Drawing(app).take_up]
    taken = []
    with app.app_context():
        while any(task() for task in looks[4:]):  # what there is to do is done once, and is no idle worker's
            pass
        for _ in range(TIMES + 2):
            began = perf_counter()
            for look in looks:
                look()
            taken.append(perf_counter() - began)
    return statistics.median(taken[2:])


def measure(folder: Path) -> dict[str, float]:
    """Return the seconds of each page, and of what an idle worker does."""
    place = Place(folder)
    try:
        place.sign_in()
        found = {path: place.seconds(path) for path in (*LEARNERS, *TEACHERS)}
    finally:
        place.close()
    return found | {IDLE: idle_seconds(folder)}


def main() -> None:
    """Measure both, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.many_runs", description=__doc__)
    parser.add_argument("folder", type=Path, help="the DATA_DIR of an installation that has some runs")
    parser.add_argument("--runs", type=int, default=100_000, help="how many runs more (100,000)")
    options = parser.parse_args()
    found = []
    for runs in (0, options.runs):
        with tempfile.TemporaryDirectory(prefix="askneuron-many-") as name:
            folder = Path(name) / "data"
            shutil.copytree(options.folder, folder, ignore=shutil.ignore_patterns("languages.*"))
            if runs:
                multiply(folder / "askneuron.sqlite", runs)
            found.append(measure(folder))
            print(f"{runs:,} more runs: measured", flush=True)
    few, many = found
    print(f"{'':<42} {'few':>9} {f'{options.runs:,} more':>14} {'ratio':>6}")
    for what, before in few.items():
        after = many[what]
        print(f"{what:<42} {before * 1000:>6.0f} ms {after * 1000:>11.0f} ms {after / before:>6.1f}")


if __name__ == "__main__":
    main()
