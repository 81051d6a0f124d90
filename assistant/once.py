"""What a process makes once and all its threads share: made by the first that needs it, while the others wait."""

import ctypes
from collections.abc import Callable
from contextlib import suppress
from threading import Lock
from typing import Generic, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class Once(Generic[P, T]):
    """A function whose last result is kept, and made by one thread at a time.

    Only the first result is waited for. While one thread makes another, since the function was called with other
    arguments, the others go on with the one that is there: a matcher takes a second, in which nobody else must wait.

    With `lru_cache`, each thread that comes meanwhile makes it too, and a start under load holds it many times.
    """

    def __init__(self, make: Callable[P, T]) -> None:
        self.__doc__ = make.__doc__
        self.__wrapped__ = make
        self._kept: tuple[object, T] | None = None  # what it was called with, and the result
        self._lock = Lock()

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> T:
        """Return what the function makes of these, or the kept result where they are the last ones.

        The result of other arguments is returned where another thread makes one at the moment.
        """
        asked = (args, kwargs)
        kept = self._kept
        if kept is not None and kept[0] == asked:
            return kept[1]
        if not self._lock.acquire(blocking=kept is None) and kept is not None:
            return kept[1]
        try:
            if self._kept is not None and self._kept[0] == asked:  # It was made meanwhile.
                return self._kept[1]
            made = self.__wrapped__(*args, **kwargs)
            self._kept = (asked, made)
            del kept  # of which this thread would keep the memory
            give_back()
            return made
        finally:
            self._lock.release()

    def cache_clear(self) -> None:
        """Keep nothing."""
        self._kept = None


def give_back() -> None:
    """Give the system back what is free of this process's memory; the C library keeps it otherwise.

    What makes a large thing leaves as much behind as it needed on the way: a web process held 90 MB too much. To give
    back all that is freed at once, by the C library's own settings, would double the time of a sentence's vector.
    """
    with suppress(OSError, AttributeError):  # which is another C library than glibc
        ctypes.CDLL(None).malloc_trim(0)
