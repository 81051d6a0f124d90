"""Copies of the SQLite database, made and brought back while the service runs.

Both directions use SQLite's online backup, which sees the database as one transaction left it, and replaces it as one
transaction: nobody who has it open ever reads a half of each.
"""

import os
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from assistant.database import known_revisions

# Of every version's database: later tables are missing in an old backup, which migrations bring up to date.
TABLES = {"alembic_version", "entries", "revisions", "experiments", "runs", "figures", "questions"}
HEADER = b"SQLite format 3\x00"


class BackupError(Exception):
    """What stood in the way, in one line."""


def backup(database: Path, target: Path) -> int:
    """Copy the database to a new file and return its size in bytes; the file is there whole or not at all.

    Raises:
        BackupError: the copy could not be made.
    """
    if not database.exists():
        raise BackupError(f"there is no database at {database}")
    if target.exists():
        raise BackupError(f"{target} is there already; a backup never overwrites a file")
    part = target.with_name(f".askneuron-{os.getpid()}.part")
    try:
        for left in target.parent.glob(".askneuron-*.part"):
            if left == part or not _is_running(left.stem.partition("-")[2]):  # its backup was killed
                left.unlink(missing_ok=True)
        part.touch(mode=0o600)  # it holds what learners asked
        _copy(database, part)
        _require_backup(part, of=database)
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        os.link(part, target)  # unlike a rename, this never replaces a file that came meanwhile
    except (sqlite3.Error, OSError) as error:
        raise BackupError(f"cannot back {database} up to {target}: {error}") from None
    finally:
        part.unlink(missing_ok=True)
    return target.stat().st_size


def restore(source: Path, database: Path) -> tuple[Path | None, bool]:
    """Bring a backup back; return where the replaced database is kept, and whether the backup needs migrations.

    Raises:
        BackupError: the file is no backup of this service, or the database cannot be replaced.
    """
    if database.exists() and source.samefile(database):
        raise BackupError(f"{source} is the database itself; a backup of it is another file")
    revision = _require_backup(source)
    copy = database.with_name(f"{database.name}.replaced-{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}")
    if not database.exists():
        _replace(source, database)
        return None, revision != known_revisions()[0]
    try:
        copy.touch(mode=0o600)
        _copy(database, copy)
        _replace(source, database)
    except sqlite3.OperationalError as error:  # locked, or a full disk
        copy.unlink(missing_ok=True)
        raise BackupError(f"cannot keep a copy of {database}, so it was not replaced: {error}") from None
    except sqlite3.DatabaseError:  # it is damaged, which is when one needs a backup
        copy.unlink(missing_ok=True)
        _set_aside(database, copy)
        _replace(source, database)
    except OSError as error:
        copy.unlink(missing_ok=True)
        raise BackupError(f"cannot keep a copy of {database}, so it was not replaced: {error.strerror}") from None
    return copy, revision != known_revisions()[0]


def _replace(source: Path, database: Path) -> None:
    """Replace what a database holds, in one transaction.

    Raises:
        sqlite3.DatabaseError: the database is damaged.
    """
    try:
        with closing(_reading(source)) as old, closing(sqlite3.connect(database, timeout=10)) as new:
            old.backup(new)
    except sqlite3.OperationalError as error:
        raise BackupError(f"cannot replace {database}, which is as it was: {error}") from None


def _set_aside(database: Path, copy: Path) -> None:
    """Rename a damaged database with the files of its log; whoever has it open reads and writes the renamed one.

    Raises:
        BackupError: it cannot be renamed.
    """
    try:
        database.rename(copy)
        for ending in ("-wal", "-shm"):
            beside = database.with_name(database.name + ending)
            if beside.exists():
                beside.rename(copy.with_name(copy.name + ending))
    except OSError as error:
        raise BackupError(f"cannot set the damaged {database} aside: {error.strerror}") from None


def _is_running(process: str) -> bool:
    """Say whether there is a process of this number."""
    try:
        os.kill(int(process), 0)
    except (ProcessLookupError, ValueError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


def _reading(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=10)


def _copy(source: Path, target: Path) -> None:
    """Copy a database into an empty file that needs no other files beside it."""
    with closing(sqlite3.connect(source, timeout=10)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)
        new.execute("PRAGMA journal_mode=DELETE")


def _require_backup(path: Path, of: Path | None = None) -> str:
    """Check that a file is a backup, and return the migration that it is at.

    Args:
        path: the file.
        of: the database that it is a copy of, which is named in its place.

    Raises:
        BackupError: the file is no backup of this service, is damaged, or comes from a newer version.
    """
    shown, kind = (path, "backup") if of is None else (of, "database")
    if not path.is_file():  # such as a pipe, which would be waited for without end
        raise BackupError(f"{shown} is no {kind} of this service: it is no file")
    try:
        with path.open("rb") as file:
            if file.read(len(HEADER)) != HEADER:
                raise BackupError(f"{shown} is no {kind} of this service: it is no SQLite database")
        with closing(_reading(path)) as connection:
            tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            if missing := sorted(TABLES - tables):
                raise BackupError(f"{shown} is no {kind} of this service: it has no table {missing[0]}")
            (health,) = connection.execute("PRAGMA quick_check(1)").fetchone()
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except OSError as error:
        raise BackupError(f"cannot read {shown}: {error.strerror}") from None
    except sqlite3.Error as error:
        raise BackupError(f"{shown} cannot be read as a {kind}: {error}") from None
    if health != "ok":
        raise BackupError(f"{shown} is damaged: {' '.join(str(health).split())}")
    if row is None or row[0] not in known_revisions():
        raise BackupError(f"{shown} comes from a version of the service that this one does not know")
    return str(row[0])
