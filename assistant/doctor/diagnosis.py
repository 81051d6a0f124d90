"""What a check found."""

from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "warning", "failed"]


@dataclass(frozen=True)
class Diagnosis:
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


def ok(name: str, said: str) -> Diagnosis:
    """Return the diagnosis that something is well."""
    return Diagnosis(name, "ok", said)


def warning(name: str, said: str, do: str) -> Diagnosis:
    """Return the diagnosis that the service works, but not as it could."""
    return Diagnosis(name, "warning", said, do)


def failed(name: str, said: str, do: str) -> Diagnosis:
    """Return the diagnosis that something is in the way."""
    return Diagnosis(name, "failed", said, do)
