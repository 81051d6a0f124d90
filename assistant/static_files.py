"""How the files of static/ are sent: text compressed, and the replay's player to frames of any origin."""

import gzip
from functools import lru_cache
from pathlib import Path

from flask import Flask, Response, request

COMPRESSED = {"text/css", "text/javascript", "application/javascript", "image/svg+xml"}


def register(app: Flask) -> None:
    """Send the static files of ``app`` as said above."""
    folder = Path(str(app.static_folder))

    @app.after_request
    def send(response: Response) -> Response:
        if request.endpoint != "static":
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


@lru_cache(maxsize=128)
def _gzip(path: Path, changed: int) -> bytes:  # noqa: ARG001 - a file that has changed is compressed anew
    """Return a file's compressed bytes."""
    return gzip.compress(path.read_bytes(), mtime=0)
