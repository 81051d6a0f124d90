"""A file that holds a secret: written whole or not at all, and for its owner alone."""

import fcntl
import os
import secrets
import stat
from pathlib import Path

BLANK = "\0 \t\r\n"  # after a crash of the machine, a file may hold NULs, which everybody knows
SHORTEST = 32  # characters; what is shorter was not written to its end


def read_or_make(path: Path) -> str:
    """Return the secret in a file; where there is none, or a part of one, make it, once for all processes.

    Raises:
        OSError: the file can be neither read nor made.
        ValueError: it holds something else than a secret.
    """
    if secret := _read(path):
        return secret
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)  # Given back when it is closed, also by the end of the process.
        return _read(path) or _write(path, secrets.token_urlsafe(48))
    finally:
        os.close(folder)


def _read(path: Path) -> str:
    """Return the secret, or "" where there is none that is whole."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # to read a pipe would wait for who writes
            raise ValueError("it is no file")
        secret = path.read_text(encoding="ascii").strip(BLANK)
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError:
        raise ValueError("it holds something else than a key") from None
    return secret if len(secret) >= SHORTEST else ""


def _write(path: Path, secret: str) -> str:
    """Write a secret beside its place, to the disk, and then put it there in one step."""
    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)
    with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(secret)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    return secret
