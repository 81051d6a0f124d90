"""How the files of static/ are sent: text compressed, kept by browsers, the replay's player to frames of any origin.

Pages name a file by an address that changes with the files, so that a browser never asks for it twice. The plain
address under /static/ stays as it is, for pages elsewhere; what it names is asked for anew each time.
"""

import gzip
from functools import lru_cache, partial
from hashlib import sha256
from pathlib import Path

from flask import Flask, Response, request, url_for

COMPRESSED = {"text/css", "text/javascript", "application/javascript", "image/svg+xml"}
KEPT = "public, max-age=31536000, immutable"


def register(app: Flask) -> None:
    """Send the static files of ``app`` as said above."""
    folder = Path(str(app.static_folder))
    current = version(folder)

    # Modules name each other by relative paths, so the version stands before the file's path.
    @app.get("/static/v-<version>/<path:filename>")
    def asset(version: str, filename: str) -> Response:
        response = app.send_static_file(filename)
        if version == current:  # else a page of another release asks, and gets what there is
            response.headers["Cache-Control"] = KEPT
        return response

    app.jinja_env.globals["asset"] = partial(url_for, "asset", version=current)

    @app.after_request
    def send(response: Response) -> Response:
        if request.endpoint not in {"static", "asset"}:
            return response
        name = str((request.view_args or {}).get("filename"))
        if name.startswith("replay/"):
            # A sandboxed frame has no origin of its own, and modules are always fetched across origins from there.
            response.headers["Access-Control-Allow-Origin"] = "*"
        if response.mimetype in COMPRESSED:
            response.vary.add("Accept-Encoding")
            if request.method == "GET" and response.status_code == 200 and request.accept_encodings["gzip"]:
                path = folder / name
                response.close()  # The file that would have been sent.
                response.set_data(_gzip(path, path.stat().st_mtime_ns))
                response.content_encoding = "gzip"
                tag, _ = response.get_etag()
                if tag is not None:
                    response.set_etag(tag, weak=True)  # The same text, in other bytes.
        return response


def version(folder: Path) -> str:
    """Return what changes with the name or content of any file of a folder."""
    found = sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            found.update(f"{path.relative_to(folder)} {path.stat().st_size} ".encode() + path.read_bytes())
    return found.hexdigest()[:12]


@lru_cache(maxsize=128)
def _gzip(path: Path, changed: int) -> bytes:  # noqa: ARG001 - a file that has changed is compressed anew
    """Return a file's compressed bytes."""
    return gzip.compress(path.read_bytes(), mtime=0)
