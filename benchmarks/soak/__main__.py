"""Use the real service for minutes while its processes are killed at random, and check that nothing was lost.

``make soak``, or ``python -m benchmarks.soak --minutes 10``: web and worker on a free loopback port with a data folder
of their own. Learners ask and a teacher edits all the while. For the first part of the time web and worker are killed,
stopped and started again; for the rest they are left alone, and their memory is looked at. At the end each run and each
edit that somebody was told of must be there, and none twice. Prints a table, and leaves with status 1 on a violation.
"""

import argparse
import random
import shutil
import signal
import statistics
import sys
import tempfile
from pathlib import Path
from threading import Event, Thread
from time import monotonic, sleep

import requests

from benchmarks.soak.checks import Truth, compare_with_database
from benchmarks.soak.processes import Service
from benchmarks.soak.visitors import Learner, Teacher, Told

UNDER_ATTACK = 0.6  # of the time
ASK_EVERY, EDIT_EVERY, BREAK_EVERY = 8.0, 6.0, 12.0  # seconds on average
LONG_OUTAGE = 26.0  # seconds without a worker, so that /readyz must have noticed
SETTLED = 60.0  # seconds after which a web process that is used has loaded what it needs
MOST_GROWTH = 1.15  # of the memory of a process that is left alone


def break_something(service: Service, told: Told, chance: random.Random) -> None:
    """Kill or stop web or worker, or one child of theirs, and start them again after a while."""
    part = chance.choice(service.parts)
    kind = chance.choice(("killed", "stopped", "child killed"))
    if kind == "child killed":
        if part.kill_child():
            told.counts[f"{part.name}: child killed"] += 1
        return
    part.end(signal.SIGKILL if kind == "killed" else signal.SIGTERM)
    told.counts[f"{part.name}: {kind}"] += 1
    sleep(LONG_OUTAGE if part is service.worker and chance.random() < 0.3 else chance.uniform(0, 3))
    part.start()


def attack(service: Service, told: Told, seconds: float, chance: random.Random) -> None:
    """Break something again and again."""
    end = monotonic() + seconds
    while (pause := chance.expovariate(1 / BREAK_EVERY)) < end - monotonic():
        sleep(pause)
        break_something(service, told, chance)


def memory_over(service: Service, seconds: float) -> dict[str, list[float]]:
    """Return the resident megabytes of the processes, once a second."""
    seen: dict[str, list[float]] = {}
    end = monotonic() + seconds
    while monotonic() < end:
        for name, megabytes in service.memory().items():
            seen.setdefault(name, []).append(megabytes)
        sleep(1.0)
    return seen


def wait_until_warm(service: Service, limit: float = 600.0) -> None:
    """Wait until the worker is warm and the web has been used for a while; what they load until then is no growth."""
    end = monotonic() + limit
    while monotonic() < end:
        try:
            report = requests.get(f"{service.address}/readyz", timeout=30).json()
        except requests.RequestException:
            report = {}
        warm = any(each["state"] == "warm" for each in report.get("workers", []))
        if warm and service.worker.seconds_up > 25 and service.web.seconds_up > SETTLED:
            return
        sleep(1.0)


def soak(service: Service, minutes: float, seed: int, told: Told) -> dict[str, list[float]]:
    """Let visitors use the service, break it, leave it alone, and let it come to an end of its work."""
    stopping, truth = Event(), Truth(service, told)
    visitors = [(Learner(service.address, told, seed + at), ASK_EVERY) for at in range(2)]
    threads = [Thread(target=visitor.visit, args=(stopping, pause)) for visitor, pause in visitors]
    threads.append(Thread(target=Teacher(service.address, told, seed).visit, args=(stopping, EDIT_EVERY)))
    threads.append(Thread(target=truth.watch, args=(stopping,)))
    for part in service.parts:
        part.start()
    sleep(5.0)
    for thread in threads:
        thread.start()
    try:
        attack(service, told, minutes * 60 * UNDER_ATTACK, random.Random(seed))
        wait_until_warm(service)
        return memory_over(service, minutes * 60 * (1 - UNDER_ATTACK))
    finally:
        stopping.set()
        for thread in threads:
            thread.join()


def judge_memory(seen: dict[str, list[float]], told: Told) -> list[tuple[str, str]]:
    """Compare the first and the last fifth of the quiet time."""
    rows = []
    for name, megabytes in seen.items():
        fifth = max(len(megabytes) // 5, 1)
        first, last = statistics.median(megabytes[:fifth]), statistics.median(megabytes[-fifth:])
        rows.append((f"memory of a {name}, first and last", f"{first:,.0f} MB, {last:,.0f} MB"))
        if last > first * MOST_GROWTH:
            told.violate(f"the memory of a {name} grew from {first:.0f} to {last:.0f} MB while it was left alone")
    return rows


def main() -> int:
    """Soak, print the table, and return the status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0, help="how long visitors use it (10)")
    parser.add_argument("--seed", type=int, default=None, help="of what happens when; drawn unless given")
    options = parser.parse_args()
    seed = options.seed if options.seed is not None else random.SystemRandom().randrange(1_000_000)
    folder, told = Path(tempfile.mkdtemp(prefix="askneuron-soak-")), Told()
    service = Service(folder)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("told to stop"))  # and so to end the processes below
    try:
        seen = soak(service, options.minutes, seed, told)
        rows = compare_with_database(service, told) + judge_memory(seen, told)
    finally:
        service.stop()
    for name, count in sorted(told.counts.items()):
        rows.append((name, f"{count:,}"))
    print(f"{options.minutes:g} minutes, seed {seed}")
    for name, value in rows:
        print(f"{name:<44} {value:>24}")
    for sentence in dict.fromkeys(told.violations):
        print(f"VIOLATION  {sentence}")
    if told.violations:
        print(f"the logs and the database are kept in {folder}")
        return 1
    shutil.rmtree(folder, ignore_errors=True)
    print("no violation")
    return 0


if __name__ == "__main__":
    sys.exit(main())
