"""What must be true during a soak, and what must be found after it."""

import sqlite3
from contextlib import closing
from threading import Event
from time import monotonic, sleep

import requests

from benchmarks.soak.processes import Service
from benchmarks.soak.visitors import Told

NOTICED = 22.0  # seconds after which /readyz must have noticed that the worker is gone
STARTED = 60.0  # seconds after which a start must be over, on cores that have other work too
LIMIT = 600.0  # seconds for what waits at the end
NO_WORKER = "no worker is alive"
KILLED = "the worker stopped"


class Truth:
    """Asks /readyz once a second, and compares what it says with what is the case."""

    def __init__(self, service: Service, told: Told) -> None:
        self.service, self.told = service, told

    def watch(self, stopping: Event) -> None:
        """Compare until told to stop."""
        misses = 0
        while not stopping.wait(1.0):
            for part in self.service.parts:
                if part.ended_by_itself:
                    self.told.violate(f"the {part.name} has ended by itself")
            worker = self.service.worker
            down, up = worker.seconds_down, worker.seconds_up
            try:
                answer = requests.get(f"{self.service.address}/readyz", timeout=30)
                if answer.status_code not in {200, 503}:
                    self.told.violate(f"/readyz answers {answer.status_code}")
                report = answer.json()
            except requests.RequestException:
                misses += 1  # one answer goes with a process that is killed as it answers
                if misses > 1 and self.service.web.seconds_up > STARTED:
                    self.told.violate("/readyz does not answer")
                continue
            misses = 0
            if (worker.seconds_down < down) or (worker.seconds_up < up):
                continue  # It was started or ended meanwhile, and the answer may be of before or of after.
            self._compare(answer.status_code, report["problems"], down, up)

    def _compare(self, status: int, problems: list[str], down: float, up: float) -> None:
        """Compare an answer with how many seconds the worker was down or up as it was asked for."""
        self.told.counts["/readyz: ready" if status == 200 else "/readyz: not ready"] += 1
        if (status == 200) != (not problems):
            self.told.violate(f"/readyz answers {status} with the problems {problems}")
        gone = any(each.startswith(NO_WORKER) for each in problems)
        if down > NOTICED and not gone:
            self.told.violate(f"/readyz has not noticed in {down:.0f} s that there is no worker")
        if up > STARTED and gone:
            self.told.violate(f"/readyz misses a worker that has run for {up:.0f} s")
        others = [each for each in problems if not each.startswith(NO_WORKER)]
        waits = [each for each in others if each.startswith("a run has waited")]
        if waits:  # which is so where more is asked for than these cores can train
            self.told.counts["/readyz: a run has waited for a minute"] += 1
        if len(others) > len(waits):
            self.told.violate(f"/readyz names {others}")


def compare_with_database(service: Service, told: Told) -> list[tuple[str, str]]:
    """Wait until all that was asked for is done, compare the database with what visitors were told, and count."""
    with closing(sqlite3.connect(service.folder / "askneuron.sqlite", timeout=30)) as database:

        def count(what: str, *values: str) -> int:
            (found,) = database.execute(f"SELECT count(*) FROM {what}", values).fetchone()  # noqa: S608 - our own words
            return int(found)

        end = monotonic() + LIMIT
        while unfinished := count("runs WHERE state IN ('waiting', 'running') OR drawing = 'waiting'"):
            if monotonic() > end:
                told.violate(f"{unfinished} runs were not finished within {LIMIT:.0f} s")
                break
            sleep(1.0)
        states = {str(run): str(state) for run, state in database.execute("SELECT id, state FROM runs")}
        told.violations += [f"run {run} is lost" for run in told.runs - set(states)]
        odd = "runs WHERE state = 'failed' AND failure NOT LIKE ?"
        if failed := count(odd, f"{KILLED}%"):
            told.violate(f"{failed} runs failed by themselves")
        if undrawn := count("runs WHERE drawing = 'failed'"):
            told.violate(f"the figures of {undrawn} runs cannot be drawn")
        for state in ("done", "failed"):
            ended = "SELECT count FROM tallies WHERE name = 'ended' AND label = ?"
            (tallied,) = database.execute(ended, [state]).fetchone() or (0,)
            if tallied != (stored := list(states.values()).count(state)):
                told.violate(f"{tallied} times a run was {state}, and there are {stored}")
        asked = {row for (row,) in database.execute("SELECT id FROM questions WHERE part_of_id IS NULL")}
        told.violations += [f"question {each} is lost" for each in told.questions - asked]
        if len(asked - told.questions) > told.lost["learner"]:
            told.violate(f"{len(asked)} questions are stored, and {len(told.questions)} were asked")
        _check_edits(database, told)
        (whole,) = database.execute("PRAGMA integrity_check(1)").fetchone()
        if whole != "ok":
            told.violate(f"the database is damaged: {whole}")
        again = count("runs WHERE state = 'done' AND attempt > 1")
        killed = count("runs WHERE state = 'failed'")
    return [
        ("questions asked, and answers lost with the web", f"{len(told.questions):,}, {told.lost['learner']:,}"),
        ("runs done", f"{list(states.values()).count('done'):,}"),
        ("of these trained again after a kill", f"{again:,}"),
        ("runs failed after three kills", f"{killed:,}"),
        ("edits saved, and answers lost with the web", f"{len(told.edits):,}, {told.lost['edit']:,}"),
    ]


def _check_edits(database: sqlite3.Connection, told: Told) -> None:
    """Look for each edit: stored once, and part of what stands now."""
    newest = (
        "SELECT entries.slug, explanation FROM revisions JOIN entries ON entries.id = entry_id "
        "WHERE number = (SELECT max(number) FROM revisions AS others WHERE others.entry_id = entries.id)"
    )
    texts = {str(slug): str(text) for slug, text in database.execute(newest)}
    reasons = [reason for (reason,) in database.execute("SELECT reason FROM revisions")]
    for written, slug in told.edits.items():
        if reasons.count(written) != 1:
            told.violate(f"the edit {written} is stored {reasons.count(written)} times")
        if texts[slug].count(written) != 1:
            told.violate(f"the edit {written} is not in what stands now of {slug}")
