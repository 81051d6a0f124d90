"""What a process makes once and all its threads share: made by the first that needs it, while the others wait."""

from collections.abc import Callable
from functools import lru_cache
from threading import Lock
from typing import Generic, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class Once(Generic[P, T]):
    """A function whose last result is kept, and made by one thread at a time.

    With `lru_cache` alone, each thread that comes meanwhile makes it too, and a start under load holds it many times.
    """

    def __init__(self, make: Callable[P, T]) -> None:
        self.__doc__ = make.__doc__
        self.__wrapped__ = make
        self._kept = lru_cache(maxsize=1)(make)
        self._lock = Lock()

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> T:
        """Return what the function makes of these, or the kept result where they are the last ones."""
        with self._lock:
            return self._kept(*args, **kwargs)  # type: ignore[arg-type]  # lru_cache takes what can be hashed

    def cache_clear(self) -> None:
        """Keep nothing."""
        self._kept.cache_clear()
