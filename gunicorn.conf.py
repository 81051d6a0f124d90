"""What gunicorn reads by itself at its start.

Its own lines, of its main process too, look like all others, and each worker learns how many there are. Nobody waits
for what a client does not send, and every client that is still sending gets its answer.
"""

import os
import socket
import struct
import time
from contextlib import suppress
from typing import Any

from gunicorn.glogging import Logger  # type: ignore[import-untyped]

from assistant.config import BadSettingError, load
from assistant.logs import give_form
from assistant.preloading import preload

PATIENCE = 20  # seconds in which something more of a request must come
LEFT_PATIENCE = 5  # the same, of what nobody reads
LONGEST_LEFT = 30  # seconds in which all of that must come


class OwnLines(Logger):  # type: ignore[misc]  # gunicorn has no types
    """Writes gunicorn's lines as LOG_FORMAT says, from the first on."""

    def setup(self, cfg: Any) -> None:  # noqa: ANN401
        """Set up what gunicorn logs to; a bad setting ends the start here."""
        super().setup(cfg)
        try:
            settings = load()
        except BadSettingError as error:
            raise SystemExit(f"askneuron: {error}") from None
        give_form(self.error_log.handlers, settings.log_format)


def pre_fork(server: Any, worker: Any) -> None:  # noqa: ANN401, ARG001
    """Let the settings of a worker say how many there are, wherever that was said; some limits are shared out."""
    os.environ["WEB_CONCURRENCY"] = str(server.num_workers)


def post_worker_init(worker: Any) -> None:  # noqa: ANN401
    """Prepare a worker that serves from now on."""
    preload(worker.wsgi)


def pre_request(worker: Any, req: Any) -> None:  # noqa: ANN401, ARG001
    """Wait for a request's body no longer than it comes; a thread would else be lost with each client that stalls."""
    _wait_at_most(PATIENCE, req)


def post_request(worker: Any, req: Any, environ: Any, resp: Any) -> None:  # noqa: ANN401, ARG001
    """Take in what no view read of a request that is answered, such as a form that is too long.

    Where a connection is closed on a client that is still sending, the answer is lost on its way.
    """
    _wait_at_most(LEFT_PATIENCE, req)
    end = time.monotonic() + LONGEST_LEFT
    with suppress(Exception):  # It is answered, whatever this is; gunicorn closes the connection.
        while time.monotonic() < end and req.body.read(1024):
            pass


def _wait_at_most(seconds: int, req: Any) -> None:  # noqa: ANN401
    """Let reading fail after so many seconds without a byte; a timeout of Python's would hold for writing too."""
    req.unreader.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", seconds, 0))


logger_class = OwnLines
