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
        for left in target.parent.glob(".askneuron-*.part*"):
            if left.stem == part.stem or not _is_running(left.stem.partition("-")[2]):  # its backup was killed
                left.unlink(missing_ok=True)
        part.touch(mode=0o600)  # it holds what learners asked
        _copy(database, part)
        _require_backup(part, of=database)
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        _give_name(part, target)
    except (sqlite3.Error, OSError) as error:
        raise BackupError(f"cannot back {database} up to {target}: {error}") from None
    finally:
        _remove(part)
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
        _make(source, database)
        return None, revision != known_revisions()[0]
    try:
        copy.touch(mode=0o600)
        _copy(database, copy)
        _replace(source, database)
    except BackupError:  # A copy of what is there still would only fill the disk.
        _remove(copy)
        raise
    except sqlite3.OperationalError as error:  # locked, or a full disk
        _remove(copy)
        raise BackupError(f"cannot keep a copy of {database}, so it was not replaced: {error}") from None
    except sqlite3.DatabaseError:  # it is damaged, which is when one needs a backup
        _remove(copy)
        _set_aside(database, copy)
        try:
            _make(source, database)
        except BackupError:
            _set_aside(copy, database)
            raise
    except OSError as error:
        _remove(copy)
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


def _make(source: Path, database: Path) -> None:
    """Make a database of a backup where there is none.

    Raises:
        BackupError: it cannot be made, and there is none still.
    """
    try:
        _replace(source, database)
    except BackupError:
        _remove(database)
        raise


def _give_name(part: Path, target: Path) -> None:
    """Give a finished copy its name.

    Raises:
        OSError: a file of this name came meanwhile, or none can be made.
    """
    try:
        os.link(part, target)  # unlike a rename, this replaces nothing
    except FileExistsError:
        raise
    except OSError:  # On FAT, and over many networks, there are no links.
        target.touch(mode=0o600, exist_ok=False)
        try:
            part.replace(target)
        except OSError:
            target.unlink()
            raise


def _remove(database: Path) -> None:
    """Remove a database that came to nothing, and what SQLite has beside it."""
    for ending in ("", "-journal", "-wal", "-shm"):
        database.with_name(database.name + ending).unlink(missing_ok=True)


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
