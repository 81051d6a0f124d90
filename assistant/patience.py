"""How long one waits for PostgreSQL's answer to a statement."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

patience: ContextVar[float] = ContextVar("patience", default=30.0)  # seconds


@contextmanager
def patient_for(seconds: float) -> Iterator[None]:
    """Wait so many seconds at most for each answer."""
    token = patience.set(seconds)
    try:
        yield
    finally:
        patience.reset(token)
