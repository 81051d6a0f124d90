"""Numbers that are arguments of calls in learners' code, and which of several layers are hidden."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from assistant.questions.own_numbers.written_numbers import NUMBER, value_of

ACTIVATION = r"(?:\w*relu|tanh|\w*elu|swish|silu)"
# What follows a layer's number: its activation, within the call or as the next layer.
HIDDEN = re.compile(rf"[^()\n]{{0,80}}(?:\)\s*[,+]?\s*(?:[a-z]+\.)*)?(?<![a-z_]){ACTIVATION}\b", re.IGNORECASE)
OUTPUT = re.compile(
    r"[^()\n]{0,80}(?:\b(?:softmax|sigmoid|linear)\b|\)\W{0,3}(?:without|on\s+top|at\s+the\s+end|as\s)|\)\s*\?)",
    re.IGNORECASE,
)
# What goes before it.
WISHED = re.compile(r"\b(?:with|using|uses?|used)\s+(?:an?\s+)?(?:[a-z]+\.)*$", re.IGNORECASE)
AS_OUTPUT = re.compile(r"\b(?:last|final|output|ends?|ending|ended)\b[^.\n]{0,30}$", re.IGNORECASE)
ASSIGNED = re.compile(r"([\w.]+)\s*=\s*(?:[a-z]+\.)*$", re.IGNORECASE)  # "self.hidden = nn."
WITHIN = 60  # characters before a call that are looked at


def search_for(signature: str) -> re.Pattern[str]:
    """Return a search for calls of a function whose last argument in the signature is a number.

    A name alone is a function whose first argument it is; otherwise it may be given by its place or by its name.
    """
    name, _, written = signature.rstrip(")").partition("(")
    *before, own = re.split(r",\s*", written)
    place = rf"(?P<by_place>{NUMBER})"
    if not own:
        return re.compile(rf"(?<![^\W_]){name}\(\s*{place}(?P<by_name>)(?P<before>)")
    others = "".join(rf"(?:{each}\s*=\s*)?(?P<before>[^,()\n]*(?:\([^()\n]*\)[^,()\n]*)?),\s*" for each in before[-1:])
    others = others or "(?P<before>)"
    by_name = rf"[^()\n]*?\b{own}\s*=\s*(?P<by_name>{NUMBER})"
    return re.compile(rf"(?<![^\W_]){name}\((?:\s*{others}(?:{own}\s*=\s*)?{place}|{by_name})")


def argument_of(call: re.Match[str]) -> str:
    """Return the number that was found."""
    return call["by_place"] or call["by_name"]


def hidden_layers(text: str, calls: Sequence[re.Match[str]]) -> Iterator[re.Match[str]]:
    """Yield the hidden ones of all calls of one kind of layer, where that is clear.

    One alone is hidden where its activation or its name says so, or where the learner asks for it. The last of several
    is the output; where layers say what they take in (``Linear``), so is each whose number the next does not take in.
    """
    if len(calls) == 1:
        (call,) = calls
        lead = text[max(call.start() - WITHIN, 0) : call.start()]
        assigned = ASSIGNED.search(lead)
        if value_of(argument_of(call)) == 1 or AS_OUTPUT.search(lead):
            return
        named = assigned is not None and "hidden" in assigned[1].casefold()
        wished = WISHED.search(lead) and not OUTPUT.match(text, call.end())
        if named or wished or HIDDEN.match(text, call.end()):
            yield call
    for call, following in pairwise(calls):
        takes_in = (following["before"] or "").strip()
        if not takes_in.isdigit() or takes_in == argument_of(call):
            yield call
