"""What a check found."""

from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "warning", "failed"]


@dataclass(frozen=True)
class Finding:
    """What one check found, and what to do where it is not well."""

    name: str
    state: State
    said: str
    do: str = ""

    @property
    def sentence(self) -> str:
        """What was found and what to do, in one line."""
        return f"{self.said}: {self.do}" if self.do else self.said

    def to_json(self) -> dict[str, str]:
        """Return what programs are told."""
        return {"name": self.name, "state": self.state, "said": self.said, "do": self.do}


def ok(name: str, said: str) -> Finding:
    """Return the finding that something is well."""
    return Finding(name, "ok", said)


def warning(name: str, said: str, do: str) -> Finding:
    """Return the finding that the service works, but not as it could."""
    return Finding(name, "warning", said, do)


def failed(name: str, said: str, do: str) -> Finding:
    """Return the finding that something is in the way."""
    return Finding(name, "failed", said, do)
