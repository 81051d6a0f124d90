"""What the parts of the service have in common: the database, its clock, the library and the workers."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select

from assistant.database import db, migration_problem, now, reading
from assistant.doctor.diagnosis import Diagnosis, failed, ok, warning
from assistant.library.queries import count_published
from assistant.questions.understanding.matcher import is_behind, is_damaged
from assistant.runs import queries, queue
from assistant.runs.tables import LOADING, STALLED, RunRow, WorkerRow

PATIENCE = 60  # seconds that a run may wait
APART = timedelta(seconds=10)  # by how much two clocks may differ


def migration_diagnosis() -> Diagnosis:
    """Say whether the database's tables are those of this code."""
    with reading():
        problem = migration_problem(db.session.connection())
    if problem is None:
        return ok("migrations", "the database is at the migration that the code needs")
    said, _, do = problem.rpartition(": ")
    return failed("migrations", said, do)


def database_diagnosis() -> Diagnosis:
    """Write a row, and let SQLite read all pages of its file."""
    queries.probe()
    with reading():
        connection = db.session.connection()
        if connection.dialect.name != "sqlite":
            return ok("database", f"{connection.dialect.name} can be read and written")
        told = str(connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar())
        wrong = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if told != "ok":
        return failed("database", f"it is damaged ({' '.join(told.split())})", "`flask --app wsgi restore` a backup")
    if wrong is not None:
        return failed("database", f"a row of {wrong[0]} refers to none", "`flask --app wsgi restore` a backup")
    return ok("database", "SQLite can be read and written, and all of its file is whole")


def clock_diagnosis() -> Diagnosis:
    """Compare this machine's clock with the database's, and with the latest moments that are stored."""
    with reading():
        if db.session.connection().dialect.name != "sqlite":
            theirs = db.session.execute(select(func.clock_timestamp())).scalar_one()
            if abs(apart := now() - theirs) > APART:
                said = f"this machine's clock and the database's are {abs(apart).total_seconds():.0f} s apart"
                return failed("clock", said, "let all machines set their clocks by NTP")
        stored = (db.session.scalar(select(func.max(each))) for each in (RunRow.created_at, WorkerRow.heartbeat))
        latest = max((each for each in stored if each is not None), default=now())
    if latest - now() > APART:
        ahead = (latest - now()).total_seconds()
        do = "let it be set by NTP; what waits by the clock lasts longer until it is there"
        return failed("clock", f"something was stored {ahead:.0f} s after the present time of this clock", do)
    return ok("clock", f"it is {now():%Y-%m-%d %H:%M:%S} UTC")


@dataclass(frozen=True)
class Seen:
    """What readiness hangs on, read once: published entries, live workers, and how long a visitor's run has waited."""

    entries: int
    workers: list[WorkerRow]
    waiting: timedelta

    @classmethod
    def now(cls) -> "Seen":
        """Look at the database."""
        return cls(count_published(), queue.live_workers(), queries.waiting_since())


def library_diagnosis(seen: Seen) -> Diagnosis:
    """Say how many entries learners see."""
    if seen.entries:
        return ok("library", f"{seen.entries} entries are published")
    return failed("library", "the library is empty", "run `flask --app wsgi library import`")


def stored_fit_diagnosis() -> Diagnosis:
    """Say whether the stored fit of the matcher can be read, where there is one."""
    with reading():
        damaged = is_damaged()
    if damaged:
        do = "a worker makes it anew within some minutes, as does `flask --app wsgi matching fit`"
        return failed("matcher", "the stored fit is damaged, and a process that starts now matches by words", do)
    return ok("matcher", "no stored fit is damaged")


def fit_diagnosis() -> Diagnosis:
    """Say whether the matcher is fitted to the library, and its fit can be read."""
    if (stored := stored_fit_diagnosis()).state == "failed":
        return stored
    if is_behind():
        return warning("matcher", "it is not fitted to the library as it is", "a worker fits it within some minutes")
    return ok("matcher", "it is fitted to the library, as far as it can be")


def worker_diagnosis(seen: Seen) -> Diagnosis:
    """Say whether runs are taken."""
    workers, waits = seen.workers, seen.waiting.total_seconds()
    if not workers:
        return failed("worker", "no worker is alive", "run `flask --app wsgi worker`")
    if all(each.state == STALLED for each in workers):
        return failed("worker", "the worker takes no runs", "its log says why")
    if waits > PATIENCE:
        return failed("worker", f"a run has waited for {waits:.0f} s", "see the worker's log, or start another")
    states = ", ".join(each.state for each in workers)
    if all(each.state == LOADING for each in workers):
        return warning("worker", "it is still loading", "wait a minute")
    return ok("worker", f"{len(workers)} alive ({states})")
