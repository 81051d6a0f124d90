"""How often one client may do what costs, counted for all routes together.

What trains, stores or signs in is counted in the database, for all web processes, before anything is matched or hashed;
what only reads is counted by each process for itself, against its part of the limit.
"""

import logging
from datetime import datetime, timedelta
from math import ceil
from time import time

from flask import Flask, Response, current_app
from flask_limiter import Limiter
from limits.storage import Storage
from sqlalchemy import Integer, String, delete, update
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from assistant.clients import client, keyed_hash
from assistant.database import Base, UTCDateTime, db, now, reading, writing

log = logging.getLogger(__name__)
LONGEST = timedelta(hours=1)  # more than the time in which anything is counted


class RateRow(Base):
    """How often something was done in a time that ends; the key does not tell what it was, and who did it."""

    __tablename__ = "rates"

    key: Mapped[str] = mapped_column(String(32), primary_key=True)
    count: Mapped[int] = mapped_column(Integer)
    ends_at: Mapped[datetime] = mapped_column(UTCDateTime)


class DatabaseStorage(Storage):
    """Counts in the service's own database, so that no second store is needed."""

    STORAGE_SCHEME = ["database"]  # noqa: RUF012 - what the base class asks for

    @property
    def base_exceptions(self) -> type[Exception]:
        """Return what counts as a fault of the storage; the service answers a fault of its database itself."""
        return ()  # type: ignore[return-value]

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Count once more, and return how often it was; 0 where the database takes nothing.

        Then nothing can be stored or trained either, and the view says so better, with what was typed.
        """
        try:
            return self._count(keyed_hash(key), expiry, amount)
        except DBAPIError as error:
            log.error("requests are not counted: %s", error.orig)
            return 0

    def _count(self, hashed: str, expiry: float, amount: int) -> int:
        counted = update(RateRow).where(RateRow.key == hashed).values(count=RateRow.count + amount)
        counted = counted.returning(RateRow.count).execution_options(synchronize_session=False)
        with writing():
            # What ends later than anything that is counted was counted by a clock that was set back since.
            over = (RateRow.ends_at <= now()) | (RateRow.ends_at > now() + LONGEST)
            db.session.execute(delete(RateRow).where(over))
            if (count := db.session.scalar(counted)) is not None:
                return count
            if amount < 0:  # its time is over since it was counted
                return 0
            try:
                with db.session.begin_nested():
                    db.session.add(RateRow(key=hashed, count=amount, ends_at=now() + timedelta(seconds=expiry)))
            except IntegrityError:  # another process was first
                return db.session.scalar(counted) or amount
            return amount

    def get(self, key: str) -> int:
        """Return how often it was."""
        with reading():
            row = db.session.get(RateRow, keyed_hash(key))
            return row.count if row is not None and row.ends_at > now() else 0

    def get_expiry(self, key: str) -> float:
        """Return when the time ends, in seconds since 1970."""
        with reading():
            row = db.session.get(RateRow, keyed_hash(key))
            return row.ends_at.timestamp() if row is not None else time()

    def check(self) -> bool:
        """Say that it can be used; whether the database can is seen when it is."""
        return True

    def reset(self) -> int | None:
        """Forget all."""
        with writing():
            db.session.execute(delete(RateRow))
        return None

    def clear(self, key: str) -> None:
        """Forget one key."""
        with writing():
            db.session.execute(delete(RateRow).where(RateRow.key == keyed_hash(key)))


limiter = Limiter(client, storage_uri="database://", headers_enabled=False)
reads_limiter = Limiter(client, storage_uri="memory://", headers_enabled=False, key_prefix="reads")


def _asks() -> str:
    return f"{current_app.config['SETTINGS'].asks_per_minute} per minute"


def _reads() -> str:
    """Return this process's part of what all web processes together answer one address."""
    settings = current_app.config["SETTINGS"]
    return f"{ceil(settings.reads_per_minute / settings.web_concurrency)} per minute"


# For all views that train or store what a learner sends: one count, whatever the route.
asks_limit = limiter.shared_limit(_asks, scope="asks")
# For all views that only read, and take more than a moment.
reads_limit = reads_limiter.shared_limit(_reads, scope="reads")


def take_back() -> None:
    """Take back what this request was counted for: call it where only what fails counts, and this did not.

    It is counted before anybody knows, or else guesses that come all at once would all be let through.
    """
    for each in limiter.current_limits:
        limiter.limiter.storage.incr(each.limit.key_for(*each.request_args), each.limit.get_expiry(), -1)


def _impersonal(record: logging.LogRecord) -> bool:
    """Keep what would write down from which address a request came out of the logs."""
    message = record.getMessage()
    return "from ip=" not in message and not message.startswith("ratelimit ")


def register(app: Flask) -> None:
    """Let ``app`` count, write down nobody's address, and say when one may ask again."""
    limiter.init_app(app)
    reads_limiter.init_app(app)
    for name in ("flask-limiter", "gunicorn.error"):
        logging.getLogger(name).addFilter(_impersonal)

    @app.after_request
    def retry_after(response: Response) -> Response:
        breached = [each.current_limit for each in (limiter, reads_limiter) if each.current_limit is not None]
        ends = [each.reset_at for each in breached if each.breached]
        if response.status_code == 429 and ends:
            response.headers.setdefault("Retry-After", str(max(1, ceil(max(ends) - time()))))
        return response
