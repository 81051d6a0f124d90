"""XLA's cache of compiled programs on disk, so that a process that starts takes what another one has compiled.

XLA takes a program from there only where the name of its function, its shapes, all its operations and the threads are
the same; which machine and which TensorFlow it was compiled by, it does not look at: these name the folder.
"""

import hashlib
import logging
import os
import re
import shutil
import sys
import time
from pathlib import Path
from tempfile import TemporaryFile

from models.code import ROOT, used_modules
from models.versions import versions

log = logging.getLogger(__name__)
FLAGS = "TF_XLA_FLAGS"  # what TensorFlow reads once, when it is loaded
FLAG = "--tf_xla_persistent_cache_directory"
ROOM = 200 << 20  # bytes free at least; all programs of the library take some 15 MB
KEPT = 30 * 86_400.0  # seconds for which a folder stays that no process has begun to use
WRITTEN = 3_600.0  # seconds after which nobody is still writing a file

_used: Path | None = None


def use_cache(folder: Path) -> None:
    """Let a process that has not loaded TensorFlow yet keep compiled programs in a folder of their own in ``folder``.

    Where nothing can be written or little room is left, programs are compiled anew, and a warning says why. Nothing is
    changed where `TF_XLA_FLAGS` names a folder already, or where TensorFlow is loaded and has read its flags.
    """
    global _used  # noqa: PLW0603 - as TensorFlow's own flag, it is the process's
    given = os.environ.get(FLAGS, "")
    if FLAG in given or "tensorflow" in sys.modules:
        return
    place = folder / _digest()
    try:
        place.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=place):
            os.utime(place)
        if (free := shutil.disk_usage(place).free) < ROOM:
            log.warning("%s: programs are compiled anew, as only %d MB are free there", folder, free >> 20)
            return
        _tidy(folder, place)
    except OSError as error:
        log.warning("%s: programs are compiled anew, as none can be kept there: %s", folder, error.strerror)
        return
    # TensorFlow parts the flags at blanks, unless they are quoted.
    escaped = re.sub(r'(["\\])', r"\\\1", str(place.absolute()))
    os.environ[FLAGS] = f'{given} {FLAG}="{escaped}"'.strip()
    _used = place


def _tidy(folder: Path, place: Path) -> None:
    """Delete folders that nobody uses any more, and what processes that were killed left half-written in ``place``."""
    for other in folder.iterdir():
        if time.time() - other.stat().st_mtime > KEPT:
            shutil.rmtree(other, ignore_errors=True)
    for file in place.glob("*.tmp"):
        if time.time() - file.stat().st_mtime > WRITTEN:
            file.unlink(missing_ok=True)


def empty_cache() -> bool:
    """Delete all programs that this process's cache holds, as one of them is damaged; return False without a cache."""
    if _used is None:
        return False
    log.warning("%s: a compiled program is damaged or cannot be stored; all there are compiled anew", _used)
    for file in _used.glob("*"):
        file.unlink(missing_ok=True)
    return True


def _digest() -> str:
    """Return a name for what compiled programs depend on beside what XLA compares: versions, CPU, and our code."""
    digest = hashlib.sha256(repr(versions()).encode())
    for path in used_modules(ROOT / "training.py"):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
