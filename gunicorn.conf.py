"""What gunicorn reads by itself at its start: its own lines, of its main process too, look like all others."""

from typing import Any

from gunicorn.glogging import Logger  # type: ignore[import-untyped]

from assistant.config import BadSettingError, load
from assistant.logs import give_form


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


logger_class = OwnLines
