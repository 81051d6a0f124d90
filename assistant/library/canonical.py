"""The one form in which entries are written as content files.

What is read from a file and written again is the same, byte for byte, if the file was in this form; so a teacher's edit
is a small difference, and an export after an import is none.
"""

import textwrap
from collections.abc import Sequence
from typing import Any

import yaml

from assistant.library.claims import Claim
from assistant.library.configurations import Configuration
from assistant.library.entries import Draft

WIDTH = 118  # of the lines of a short answer, without their indentation


class _Dumper(yaml.SafeDumper):
    """Writes a text plainly where YAML allows it, and else in double quotes."""

    def choose_scalar_style(self) -> str:
        style: str = super().choose_scalar_style()
        return '"' if style == "'" else style


def text_of(draft: Draft) -> str:
    """Return an entry's content file."""
    values = draft.model_dump(mode="json", exclude_none=True)
    lines = [f"title: {_scalar(values['title'])}", f"theme: {_scalar(values['theme'])}", f"order: {values['order']}"]
    lines += _short(values["short"])
    lines += _list("phrasings", values["phrasings"])
    if values["not_covered"]:
        lines += _list("not_covered", values["not_covered"])
    lines += _experiments(draft.experiments)
    lines += _claims(draft.claims)
    if values["references"]:
        lines += _list("references", values["references"], quoted=True)
    return "\n".join(["---", *lines, "---", values["explanation"], ""])


def not_covered_text(before: str, texts: Sequence[str], head: str) -> str:
    """Return the file of the questions that no entry answers, with the order and the remarks of the file ``before``."""
    wanted = dict.fromkeys(texts)
    kept = []
    for line in (before or f"# {head}\n").splitlines():
        question = line.strip()
        if not question or question.startswith("#"):
            kept.append(line)
        elif question in wanted:
            kept.append(line)
            del wanted[question]
    return "\n".join([*kept, *wanted, ""])


def _quoted(text: str) -> str:
    written: str = yaml.dump(text, Dumper=_Dumper, allow_unicode=True, width=10**9, default_style='"')
    return written.rstrip("\n")


def _float(dumper: yaml.SafeDumper, value: float) -> yaml.ScalarNode:
    """Write 0.28 as such and a millionth as 1.0e-6."""
    mantissa, _, exponent = repr(value).partition("e")
    if exponent:
        mantissa += "" if "." in mantissa else ".0"
        mantissa += f"e{int(exponent):+d}"
    return dumper.represent_scalar("tag:yaml.org,2002:float", mantissa)


_Dumper.add_representer(float, _float)


def _scalar(value: Any) -> str:  # noqa: ANN401
    flow = isinstance(value, list | dict)
    written: str = yaml.dump({"a": value}, Dumper=_Dumper, allow_unicode=True, width=10**9, default_flow_style=flow)
    return written.strip().removeprefix("{a: ").removesuffix("}") if flow else written.removeprefix("a: ").rstrip("\n")


def _short(short: str) -> list[str]:
    """Return the short answer as folded lines, which read as one; where it has lines of its own, as it is."""
    if short != " ".join(short.split()):
        return [f"short: {_scalar(short)}"]
    wrapped = textwrap.wrap(short, WIDTH, break_long_words=False, break_on_hyphens=False)
    return ["short: >-", *(f"  {line}" for line in wrapped)]


def _list(key: str, values: Sequence[str], *, quoted: bool = False) -> list[str]:
    if not values:
        return [f"{key}: []"]
    return [f"{key}:", *(f"  - {_quoted(value) if quoted else _scalar(value)}" for value in values)]


def _experiments(experiments: Sequence[Configuration]) -> list[str]:
    lines = ["experiments:"]
    for each in experiments:
        lines.append(f"  - experiment: {_scalar(each.experiment)}")
        if each.hyperparameters:
            lines.append("    hyperparameters:")
            lines += [f"      {name}: {_scalar(value)}" for name, value in sorted(each.hyperparameters.items())]
    return lines


def _claims(claims: Sequence[Claim]) -> list[str]:
    """Return the claims, each with what is given of it in the order of the type's fields."""
    lines = ["claims:"] if claims else ["claims: []"]
    for claim in claims:
        values = claim.to_json()
        if isinstance(claim.equals, float) and claim.equals.is_integer():
            values["equals"] = int(claim.equals)  # What is counted exactly is a whole number.
        told = {
            name: _quoted(value) if name == "equals" and isinstance(value, str) else _scalar(value)
            for name, value in values.items()
        }
        lines += [f"  {' ' if at else '-'} {name}: {value}" for at, (name, value) in enumerate(told.items())]
    return lines
