"""Whether anything has changed since the last import, told by the files' bytes and by what the database holds.

Loading the experiments takes seconds, which a start of the service need not wait for when nothing is new.
"""

import hashlib
import json
from contextlib import suppress
from pathlib import Path

from flask import current_app

from assistant.library import phrasing_queries, queries

ROOT = Path(__file__).parents[3]
CODE = ("models", "assistant/library")


def is_outdated() -> bool:
    """Say whether content, experiments, or the library in the database differ from what the last import left."""
    try:
        kept = _path().read_text(encoding="ascii")
    except OSError:
        return True
    return kept != _digest()


def write_stamp() -> None:
    """Keep what an import that is just done has seen and left; where that cannot be kept, the next one looks anew."""
    with suppress(OSError):
        _path().write_text(_digest(), encoding="ascii")


def _path() -> Path:
    folder: Path = current_app.config["SETTINGS"].data_dir
    return folder / "imported"


def _digest() -> str:
    """Return a digest of the files that an import reads or runs, and of what the database holds of them."""
    settings = current_app.config["SETTINGS"]
    digest = hashlib.sha256()
    files = [path for path in settings.content_dir.rglob("*") if path.is_file()]
    for folder in CODE:
        files += [path for path in (ROOT / folder).rglob("*") if path.suffix in {".py"}]
    for path in sorted(files):
        digest.update(f"{path.resolve()}\n{path.stat().st_size}\n".encode() + path.read_bytes())
    known = {row.name: row.code for row in queries.experiments()}
    in_database = [settings.database_address, phrasing_queries.state(), known]
    digest.update(json.dumps(in_database, sort_keys=True).encode())
    return digest.hexdigest()
