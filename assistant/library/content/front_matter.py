"""Front matter: YAML between two lines of ``---`` above an entry's text."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assistant.library.content import yaml_text
from assistant.library.content.yaml_text import Document, Remark, YAMLTextError

FENCED = re.compile(r"---[ \t]*\n(.*?\n)??---[ \t]*(?:\n(.*))?", re.DOTALL)
NAME = "front matter"


@dataclass(frozen=True)
class FrontMatter(Document):
    """What a file holds."""

    values: Mapping[str, Any]
    body: str  # what stands below


def read(text: str) -> FrontMatter:
    """Read the text of a file, whose lines end in a line feed.

    Raises:
        YAMLTextError: there is no front matter, or it is no YAML.
    """
    match = FENCED.fullmatch(text)
    if match is None:
        raise YAMLTextError(1, "file", "must begin with front matter between two lines of ---")
    front, body = match[1] or "", match[2] or ""
    document = yaml_text.read(front, first=2, name=NAME)
    if not isinstance(document.values, Mapping):
        raise YAMLTextError(2, NAME, "must hold keys and values")
    return FrontMatter(document.values, document.lines, front, 2, body)


def to_text(values: Mapping[str, Any], body: str, remarks: Sequence[Remark] = ()) -> str:
    """Return the text of a file that `read` reads, with every remark above the key that it stood before."""
    return f"---\n{yaml_text.to_text(values, remarks)}---\n{body}\n"
