"""The one form in which entries are written as content files.

What is read from a file and written again is the same, byte for byte, if the file was in this form; so a teacher's edit
is a small difference, and an export after an import is none.
"""

import textwrap
from collections.abc import Sequence
from itertools import accumulate
from typing import Any

from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString, FoldedScalarString

from assistant.library.claims import Claim
from assistant.library.configurations import Configuration
from assistant.library.content import front_matter
from assistant.library.entries import Draft

WIDTH = 118  # of the lines of a short answer, without their indentation


def text_of(draft: Draft, phrasings: Sequence[str] = (), before: str = "") -> str:
    """Return an entry's content file.

    Args:
        draft: the entry.
        phrasings: those that stand in its front matter.
        before: the text of the file that this one takes the place of; its remarks are kept.
    """
    front: dict[str, Any] = {"title": draft.title, "theme": draft.theme, "order": draft.order}
    front["short"] = _short(draft.short)
    if phrasings:
        front["phrasings"] = list(phrasings)
    if draft.not_covered:
        front["not_covered"] = list(draft.not_covered)
    front["experiments"] = [_experiment(each) for each in draft.experiments]
    front["claims"] = [_claim(each) for each in draft.claims]
    if draft.predict is not None:
        front["predict"] = draft.predict.to_json()
    if draft.references:
        front["references"] = [DoubleQuotedScalarString(each) for each in draft.references]
    remarks = front_matter.read(before).remarks if before else []
    return front_matter.to_text(front, draft.explanation, remarks)


def _short(short: str) -> object:
    """Return the short answer as folded lines, which read as one; where it has lines of its own, as it is."""
    if not short or short != " ".join(short.split()):
        return short
    lines = textwrap.wrap(short, WIDTH, break_long_words=False, break_on_hyphens=False)
    ends = list(accumulate(len(line) + 1 for line in lines[:-1]))
    folded: Any = FoldedScalarString(short)
    folded.fold_pos = [end - 1 for end in ends]
    return folded


def _experiment(each: Configuration) -> dict[str, Any]:
    values: dict[str, Any] = {"experiment": each.experiment}
    if each.hyperparameters:
        values["hyperparameters"] = {name: _in_one_line(value) for name, value in sorted(each.hyperparameters.items())}
    return values


def _claim(claim: Claim) -> dict[str, Any]:
    """Return what is given of a claim, in the order of the type's fields."""
    values = claim.to_json()
    if isinstance(claim.equals, float) and claim.equals.is_integer():
        values["equals"] = int(claim.equals)  # What is counted exactly is a whole number.
    elif isinstance(claim.equals, str):
        values["equals"] = DoubleQuotedScalarString(claim.equals)
    return {name: _in_one_line(value) for name, value in values.items()}


def _in_one_line(value: Any) -> Any:  # noqa: ANN401
    """Return a value whose lists and mappings are written in brackets."""
    if isinstance(value, list | dict):
        value = CommentedSeq(value) if isinstance(value, list) else CommentedMap(value)
        value.fa.set_flow_style()
    return value
