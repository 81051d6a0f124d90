"""Which optimiser a learning rate in a learner's text is one of.

What an experiment's rate is a rate of stands with the parameter, as the functions whose argument it is: ``Adam(lr)``.
"""

import re

from assistant.questions.own_numbers.mentions import Mention, is_refused

OPTIMIZERS = {
    "adam": ("Adam",),
    "sgd": ("SGD", "stochastic gradient descent", "plain gradient descent"),
    "rmsprop": ("RMSprop",),
    "adagrad": ("Adagrad",),
    "adadelta": ("Adadelta",),
    "adamw": ("AdamW",),
    "nadam": ("Nadam",),
    "adamax": ("Adamax",),
    "lbfgs": ("LBFGS", "L-BFGS"),
}
OF_NAME = {name.casefold(): optimizer for optimizer, names in OPTIMIZERS.items() for name in names}
NAMED = re.compile(
    rf"(?<![^\W_])(?:{'|'.join(sorted(map(re.escape, OF_NAME), key=len, reverse=True))})(?![^\W_])", re.I
)
SENTENCE_END = re.compile(r"[.!?;]\s|\n\s*\n")
WITH = re.compile(r"\W{0,3}(?:\s*(?:with|for|in|of|using|and)\s+(?:the\s+|plain\s+)?)?$", re.I)
WITHIN = 120  # characters before a rate, in which its optimiser is named


def other_optimizer(text: str, mention: Mention) -> str | None:
    """Return the optimiser, as a text names it, whose rate a mention gives; None where it is the parameter's own."""
    own = {OF_NAME[call.casefold()] for call in mention.term.rule.get("calls", ()) if call.casefold() in OF_NAME}
    if not own:
        return None
    name = _optimizer_of(text, mention)
    return name if name is not None and OF_NAME[name.casefold()] not in own else None


def said_with(optimizer: str, mention: Mention, text: str) -> str:
    """Return what a learner said of another optimiser's rate, as it is shown."""
    call = re.search(rf"{re.escape(optimizer)}\([^()\n]*(?:\([^()\n]*\)[^()\n]*)*$", text[: mention.start])
    return f"{optimizer}({mention.said})" if call else f"{mention.said} with {optimizer}"


def _optimizer_of(text: str, mention: Mention) -> str | None:
    if named := NAMED.match(text, mention.start, mention.end):
        return named[0]
    before = SENTENCE_END.split(text[max(mention.start - WITHIN, 0) : mention.start])[-1]
    begin = mention.start - len(before)
    last = [each for each in NAMED.finditer(text, begin, mention.start) if not is_refused(text, each.start())]
    if last:
        return last[-1][0]
    following = NAMED.search(text, mention.end, mention.end + WITHIN)
    if following and WITH.fullmatch(text[mention.end : following.start()]):
        return following[0]
    return None
