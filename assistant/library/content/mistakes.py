"""What is wrong in content files, with file, line and key."""

from dataclasses import dataclass
from typing import Any

from assistant.library.content.yaml_text import Document


@dataclass(frozen=True)
class Mistake:
    """What is wrong in a content file, and where."""

    file: str
    line: int
    key: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.key}: {self.message}"


class ContentError(Exception):
    """Content files with mistakes."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        super().__init__("\n".join(str(mistake) for mistake in mistakes))
        self.mistakes = mistakes


def mistake_of(name: str, document: Document, detail: Any, *outer: str) -> Mistake:  # noqa: ANN401
    """Return the mistake that the types found in the file ``name``.

    Args:
        name: the file.
        document: what it holds.
        detail: one of pydantic's errors.
        outer: keys that its key is told below.
    """
    key = ".".join([*outer, *(str(part) for part in detail["loc"])]) or "entry"
    told = detail["msg"].removeprefix("Value error, ")
    if detail["type"] == "string_type" and isinstance(detail["input"], int | float):
        told = f"is read as {detail['input']!r} and not as a text: put it between double quotes"
    return Mistake(name, document.line_of(detail["loc"]), key, told)
