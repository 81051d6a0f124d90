"""Going on when the database cannot be used: a row of failures is logged once, and so is its end."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError

from assistant.database import explain_error

log = logging.getLogger(__name__)


class Outage:
    """The failures in a row of something that is done again and again."""

    def __init__(self, what: str) -> None:
        self._what = what
        self.lasts = False

    @contextmanager
    def tolerated(self) -> Iterator[None]:
        """Go on after a failure of the body."""
        try:
            yield
        except Exception as error:
            if self.lasts:
                return
            self.lasts = True
            if isinstance(error, DBAPIError):
                log.error("%s: %s", self._what, explain_error(error))
            else:
                log.exception("%s", self._what)
        else:
            if self.lasts:
                log.info("%s: over", self._what)
            self.lasts = False
