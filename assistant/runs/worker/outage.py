"""Going on when the database cannot be used: a row of failures is logged once, and so is its end."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

from sqlalchemy.exc import DBAPIError

from assistant.database import explain_error

log = logging.getLogger(__name__)
LONGEST_PAUSE = 60.0  # seconds


class Outage:
    """The failures in a row of something that is done again and again."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._began: float | None = None
        self._next_try = 0.0

    @property
    def lasts(self) -> bool:
        """Whether it failed the last time."""
        return self._began is not None

    @property
    def is_to_be_tried(self) -> bool:
        """Whether what costs much is to be tried now: each pause is as long as it has failed, a minute at most."""
        return monotonic() >= self._next_try

    @contextmanager
    def tolerated(self) -> Iterator[None]:
        """Go on after a failure of the body."""
        try:
            yield
        except Exception as error:
            failed = monotonic()
            began = failed if self._began is None else self._began
            self._next_try = failed + min(failed - began, LONGEST_PAUSE)
            if self.lasts:
                return
            self._began = began
            if isinstance(error, DBAPIError):
                log.error("%s: %s", self._what, explain_error(error))
            else:
                log.exception("%s", self._what)
        else:
            if self.lasts:
                log.info("%s: over", self._what)
            self._began, self._next_try = None, 0.0
