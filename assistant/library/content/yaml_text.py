"""YAML 1.2 as the content files use it, read with the line of each key, and written in one form.

Plain words and numbers are what the core schema of YAML 1.2 says: ``yes``, ``on``, ``12:30`` and ``1_000`` are texts,
``012`` is twelve and ``1e3`` a thousand. Remarks (from ``#`` on) hold nothing that is imported; whoever writes a file
anew hands them on, each above the key that it stood before.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from textwrap import dedent
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.emitter import RoundTripEmitter
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, SequenceNode
from ruamel.yaml.reader import ReaderError
from ruamel.yaml.representer import RoundTripRepresenter
from ruamel.yaml.resolver import VersionedResolver
from ruamel.yaml.tokens import ScalarToken

SEPARATORS = {"\x85": r"\N", "\u2028": r"\L", "\u2029": r"\P"}  # The library would read them as ends of lines.
ONE_LINE = 10**9  # characters, so that no text is broken where it is written

Place = tuple[str | int, ...]  # the keys and list positions that lead to a value


class YAMLTextError(Exception):
    """YAML that cannot be read: why, at which line of the file, and at or below which key."""

    def __init__(self, line: int, key: str, message: str) -> None:
        super().__init__(message)
        self.line, self.key, self.message = line, key, message


@dataclass(frozen=True)
class Remark:
    """A remark, and the place that it stands before or beside; none at the end."""

    place: Place | None
    text: str


@dataclass(frozen=True)
class Document:
    """What YAML holds."""

    values: Any
    lines: Mapping[Place, int]  # of every key and list item in the file
    text: str  # as it stands in the file
    first: int  # the line of the file at which it begins, from 1

    def line_of(self, place: Sequence[str | int]) -> int:
        """Return the line of a place, or of the nearest place around it, at last of the beginning."""
        known = next((tuple(place[:end]) for end in range(len(place), 0, -1) if tuple(place[:end]) in self.lines), None)
        return self.lines[known] if known is not None else self.first

    @property
    def remarks(self) -> list[Remark]:
        """The remarks in their order."""
        if "#" not in self.text:
            return []
        places = sorted(self.lines.items(), key=lambda each: each[1])  # The sort is stable: outer places come first.
        return [
            Remark(next((place for place, at in places if place and at >= line + self.first), None), text)
            for line, text in _remarks(self.text)
        ]


def read(text: str, first: int = 1, name: str = "file") -> Document:
    """Read YAML whose lines end in a line feed.

    Args:
        text: the YAML.
        first: the line of the file at which it begins.
        name: what it is called where no key of it can be named.

    Raises:
        YAMLTextError: it is no YAML.
    """
    for at, sign in enumerate(text):
        if sign in SEPARATORS:
            message = (
                f"holds the line separator U+{ord(sign):04X}: write it as {SEPARATORS[sign]} between double quotes"
            )
            raise _error(text, text.count("\n", 0, at), message, first, name)
    try:
        yaml = _yaml()
        node = yaml.compose(text)
        lines = {place: line + first for place, line in _lines(node, ())}
        values = yaml.constructor.construct_document(node) if node is not None else None
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        said = [str(each).partition("\n")[0] for each in (error.context, error.problem) if each]
        # What was being read stands in the context; it is needed only where the problem is half a sentence.
        problem = ", ".join(said if said[-1].startswith("but ") else said[-1:])
        raise _error(text, mark.line if mark else 0, problem, first, name) from None
    except ReaderError as error:
        message = f"holds the character U+{error.character:04X}, which no text may hold"
        raise _error(text, text.count("\n", 0, error.position), message, first, name) from None
    except RecursionError:
        raise YAMLTextError(first, name, "is nested too deeply") from None
    except (YAMLError, ValueError) as error:
        raise YAMLTextError(first, name, " ".join(str(error).split())) from None
    return Document(values, lines, text, first)


def to_text(values: Mapping[str, Any] | Sequence[Any], remarks: Sequence[Remark] = ()) -> str:
    """Return YAML that `read` reads, with every remark above the key that it stood before."""
    stream = StringIO()
    _yaml(typ="rt").dump(dict(values) if isinstance(values, Mapping) else list(values), stream)
    text = dedent(stream.getvalue())  # The library would indent a list that is in no other.
    return _with_remarks(text, remarks) if remarks else text


def _with_remarks(text: str, remarks: Sequence[Remark]) -> str:
    lines, places = text.splitlines(keepends=True), dict(_lines(_yaml().compose(text), ()))
    above: dict[int, list[str]] = {}
    for remark in remarks:
        place = remark.place
        while place and place not in places:
            place = place[:-1]
        at = places[place] if place else len(lines)
        indent = re.match(" *", lines[at])[0] if at < len(lines) else ""  # type: ignore[index]
        above.setdefault(at, []).append(f"{indent}{remark.text}\n")
    return "".join(line for at in range(len(lines) + 1) for line in (*above.get(at, []), *lines[at : at + 1]))


def _remarks(yaml: str) -> Iterator[tuple[int, str]]:
    """Yield the line, from 0, and the text of each remark: it stands between tokens, or after a block's sign."""
    end = 0
    for token in _yaml().scan(yaml):
        yield from _in_gap(yaml, end, token.start_mark.index)
        end = max(end, token.end_mark.index)
        if isinstance(token, ScalarToken) and token.style in {"|", ">"}:
            stop = yaml.find("\n", token.start_mark.index)
            yield from _in_gap(yaml, token.start_mark.index + 1, stop)
    yield from _in_gap(yaml, end, len(yaml))


def _in_gap(yaml: str, start: int, stop: int) -> Iterator[tuple[int, str]]:
    for match in re.finditer(r"#[^\n]*", yaml[start:stop]):
        yield yaml.count("\n", 0, start + match.start()), match[0].rstrip()


def _lines(node: Node | None, place: Place) -> Iterator[tuple[Place, int]]:
    """Yield every place and its line, from 0."""
    if isinstance(node, MappingNode):
        for key, value in node.value:
            own = (*place, key.value if isinstance(key.value, str) else str(key.value))
            yield own, key.start_mark.line
            yield from _lines(value, own)
    elif isinstance(node, SequenceNode):
        for at, item in enumerate(node.value):
            yield (*place, at), item.start_mark.line
            yield from _lines(item, (*place, at))


def _error(text: str, line: int, message: str, first: int, name: str) -> YAMLTextError:
    """Return the error at a line of the YAML, from 0, with the nearest outermost key above it."""
    above = "\n".join(text.split("\n")[: line + 1])
    keys = re.findall(r"^([A-Za-z_]\w*)[ \t]*:", above, re.MULTILINE)
    return YAMLTextError(line + first, keys[-1] if keys else name, message)


class _CoreSchema(VersionedResolver):
    """Tells texts from other plain scalars by YAML 1.2's core schema, to which the library adds 1_000 and dates."""

    SCALARS: Mapping[str, tuple[str, str]] = {
        "null": ("~|null|Null|NULL|", "~nN"),
        "bool": ("true|True|TRUE|false|False|FALSE", "tTfF"),
        "int": ("[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", "-+0123456789"),
        "float": (
            r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)",
            "-+.0123456789",
        ),
    }

    @property
    def versioned_resolver(self) -> dict[str, list[tuple[str, re.Pattern[str]]]]:
        """The tags and patterns of scalars by their first character."""
        return _BY_FIRST


_BY_FIRST: dict[str, list[tuple[str, re.Pattern[str]]]] = {}
for _name, (_pattern, _firsts) in _CoreSchema.SCALARS.items():
    for _first in (*_firsts, *([""] if _name == "null" else [])):
        _BY_FIRST.setdefault(_first, []).append((f"tag:yaml.org,2002:{_name}", re.compile(rf"(?:{_pattern})\Z")))


class _Emitter(RoundTripEmitter):
    """Writes a text plainly where YAML allows it, and else in double quotes."""

    def choose_scalar_style(self) -> str:
        style: str = super().choose_scalar_style()
        return '"' if style == "'" else style


class _Representer(RoundTripRepresenter):
    """Writes 0.28 as such and a millionth as 1.0e-6."""

    def represent_float(self, value: float) -> Any:  # noqa: ANN401
        mantissa, _, exponent = repr(value).partition("e")
        if exponent:
            mantissa += "" if "." in mantissa else ".0"
            mantissa += f"e{int(exponent):+d}"
        return self.represent_scalar("tag:yaml.org,2002:float", mantissa)


_Representer.add_representer(float, _Representer.represent_float)


def _yaml(typ: str = "safe") -> YAML:
    """Return the library's reader, or with "rt" its writer."""
    yaml = YAML(typ=typ, pure=True)
    yaml.Resolver = _CoreSchema
    if typ == "rt":
        yaml.Emitter, yaml.Representer = _Emitter, _Representer
        yaml.width, yaml.allow_unicode = ONE_LINE, True
        yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml
