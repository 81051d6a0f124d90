"""What gunicorn reads by itself at its start.

Its own lines, of its main process too, look like all others, and each worker learns how many there are.
"""

import os
from typing import Any

from gunicorn.glogging import Logger  # type: ignore[import-untyped]

from assistant.config import BadSettingError, load
from assistant.logs import give_form
from assistant.preloading import preload


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


logger_class = OwnLines
