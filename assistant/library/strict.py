"""What all types of the content have in common."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, StringConstraints

OneLine = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300, pattern=r"^[^\r\n]+$")]


class Strict(BaseModel):
    """Frozen, and without room for keys that nobody reads."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    def to_json(self) -> dict[str, Any]:
        """Return what is stored and written of it: what differs from the defaults."""
        return self.model_dump(mode="json", exclude_defaults=True)
