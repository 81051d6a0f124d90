"""Load TensorFlow, which takes seconds, at a moment of one's own choice and without its start-up notices."""

import os
from pathlib import Path

from models.compilation_cache import use_cache


def load_engine(cache: Path | None = None) -> None:
    """Import the training loop while standard error is closed to the notices that no log level of TensorFlow covers.

    Call it before other threads write to standard error. Compiled programs are kept in the folder ``cache``, if given.
    """
    if cache is not None:
        use_cache(cache)
    kept = os.dup(2)
    try:
        with Path(os.devnull).open("w", encoding="utf-8") as nothing:
            os.dup2(nothing.fileno(), 2)
            from models import training  # noqa: F401, PLC0415
    finally:
        os.dup2(kept, 2)
        os.close(kept)
