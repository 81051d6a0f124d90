"""Find values that stand next to a parameter's name in a learner's text or code; nothing else of it is taken.

Names come from the parameters' schemas, as `models.wordings` writes them there: synonyms, functions whose argument a
parameter is, and words for values.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace

from assistant.library.parameters import Schema, kind
from assistant.questions.own_numbers.calls import argument_of, hidden_layers, search_for
from assistant.questions.own_numbers.written_numbers import NUMBER, value_of

QUOTE = r"[\"'“”‘’`]?"
# What may stand between a name and its value. A count needs more than a space: "epoch 5" is the fifth.
LINKS = r"\s*(?:=|:=|:|->|→)\s*|\s+(?:(?:(?:is|are|was|were)\s+)?(?:set\s+)?to|is|are|was|were|equals?)\s+"
LOOSE = r"\s*\(\s*|\s+(?:(?:of|at|value|about|only|just|as)\s+){0,2}"
# What makes of "5 neurons" a wish: how many there are, not how many of them do something.
ASKED = re.compile(
    r"\b(?:with|using|uses?|used|has|have|having|had|only|just|try|tried|trying|(?:layers?|network|net)\s+of|set\s+to)"
    r"(?:\s+(?:a|an|the|my|only|just|exactly|about|say))?\s*$|(?<![<>!=])=\s*$",
    re.IGNORECASE,
)
ASKED_IN_DIGITS = re.compile(
    r"\b(?:for|after|in|(?:train(?:ed|ing)?|ran|runs?|running)(?:\s+[^\W\d]+){0,3})\s+$", re.IGNORECASE
)
ROUND = re.compile(r"\d|\w+ (?:hundred|thousand)\b", re.IGNORECASE)
# "one neuron" is a count only where it is said to be no more.
ARTICLE = re.compile(r"one\b(?!\s(?:hundred|thousand))", re.IGNORECASE)
COUNTED_ONE = re.compile(r"\b(?:only|just|exactly|merely)\s+(?:the\s+)?$|=\s*$", re.IGNORECASE)
WHOLE_OF_ONE = re.compile(r"\b(?:network|net|model|layer|mlp)s?\s+(?:with|of|has|having)\s+$", re.IGNORECASE)
SOME_ONE = re.compile(r"\s+(?:that|which|whose|of|per|for|dead|too)\b", re.IGNORECASE)
RATHER_THAN_MORE = re.compile(
    rf"\s+(?:instead\s+of|rather\s+than|(?:and\s+|,\s*)?not)\s+(?:a\s+few|many|several|more|{NUMBER})", re.IGNORECASE
)
JOINED = re.compile(r"\s*(?:[,;+&]|and\b)?\s*(?:and\b|with\b)?\s*(?:a\b|an\b|the\b)?\s*", re.IGNORECASE)
REFUSED = re.compile(
    r"(?:\b(?:not|without|no|never|instead\s+of|rather\s+than|except|unlike|avoid)|n['’]t(?:\s+use)?)\s+"
    r"(?:(?:only|just|with|using|use|at|for|to|a|an|the|my|any)\s+){0,3}$",
    re.IGNORECASE,
)
# What a training prints of itself, to the end of the line.
LOG = re.compile(r"(?:\bepoch\s+\d+\s*/\s*\d|/step\b|\s-\s+(?:val_)?(?:loss|accuracy|acc):).*", re.IGNORECASE)
# Before a name: it is that of something else.
OTHER = re.compile(
    r"\b(?:min|minimum|minimal|final|decayed|decay|output|input|dead|time|loss|warmup|warm[- ]up|cyclic)[\s_-]*$",
    re.IGNORECASE,
)
# Of these, alpha is a slope or a penalty, and an iteration is an epoch.
OTHER_CALL = re.compile(
    r"\b(?:leaky_?relu|elu|mlpclassifier|mlpregressor|ridge|lasso|elasticnet)\((?:[^()]|\([^()]*\))*$", re.IGNORECASE
)
OTHER_IN_CALLS = frozenset({"alpha", "α", "iter"})
PREFIX = re.compile(
    r"(?<![^\W_])(?:n|num|nb|number|no|max|total|my|init|initial|base|the|kernel|weights?)_$", re.IGNORECASE
)
AFTER_COUNT = re.compile(rf"(?:{LINKS}){QUOTE}", re.IGNORECASE)
AFTER = re.compile(rf"(?:{LINKS}|{LOOSE}){QUOTE}", re.IGNORECASE)
BEFORE_COUNT = re.compile(rf"({NUMBER})(?:\s?-\s?|\s+)$", re.IGNORECASE)
BEFORE = re.compile(rf"({NUMBER})\s+(?:(?:as|for)\s+(?:a\s+|the\s+|my\s+)?)?$", re.IGNORECASE)
VALUE = re.compile(NUMBER, re.IGNORECASE)
# A list or a range goes on: "0.1, 0.3 or 1".
ALTERNATIVE = rf"\s*(?:,?\s*\bor\b|\bvs\b\.?|\bversus\b|/|[-–]|\bto\b|\btill?\b)\s*({NUMBER})"
ENUMERATED = rf"\s*(?:,\s*(?:and\s)?|\band\b)\s*({NUMBER})(?!\s*(?!and\b|or\b)[^\W\d])"
FRACTION = rf"\s*(?:,\s*(?:and\s)?|\band\b)\s*(?=\d*\.\d)({NUMBER})"
GOES_ON = re.compile(rf"{ALTERNATIVE}|{ENUMERATED}|{FRACTION}", re.IGNORECASE)
WENT_BEFORE = re.compile(rf"({NUMBER})\s*(?:,|,?\s*\bor\b|\band\b|\bvs\b\.?|/|[-–]|\bto\b)\s*$", re.IGNORECASE)
# A tuple or a list; its number where it holds one alone.
IN_BRACKETS = re.compile(rf"[(\[]\s*(?:({NUMBER})\s*,?\s*[)\]])?", re.IGNORECASE)
WITHIN = 60  # characters before a place that are looked at
A_CALL = 300  # and before an argument of a call


@dataclass(frozen=True)
class Term:
    """What a name stands for: a parameter with its schema, and whether it counts epochs in the place of steps.

    A name that is a ``size`` says how many there are ("hidden size"), where others say what there is ("neurons").
    """

    parameter: str
    rule: Schema
    epochs: bool = False
    size: bool = False

    @property
    def counts(self) -> bool:
        """Whether it is a number of things."""
        return kind(self.rule) == "integer" and not self.size


@dataclass(frozen=True)
class Mention:
    """A value next to a name: a number, or the written form of a choice.

    ``said`` is what the learner wrote. What is not ``clear`` by itself may only speak of something: a count before its
    name ("two neurons"), or a choice without one.
    """

    term: Term
    value: float | str
    said: str
    start: int
    end: int
    clear: bool = True


class Vocabulary:
    """The names of parameters, their calls and the words for their values, as one search."""

    def __init__(self, properties: Mapping[str, Schema]) -> None:
        self.names: dict[str, Term] = {}
        self.calls: dict[str, tuple[re.Pattern[str], Term]] = {}
        self.words: dict[str, tuple[Term, str]] = {}
        for parameter, rule in properties.items():
            term = Term(parameter, rule)
            for name in rule.get("synonyms", [parameter]):
                self.names.setdefault(_normal(name), term)
            for name in rule.get("epochs", {}).get("synonyms", ()):
                self.names.setdefault(_normal(name), replace(term, epochs=True))
            for name in rule.get("sizes", ()):
                self.names.setdefault(_normal(name), replace(term, size=True))
            for signature in rule.get("calls", ()):
                self.calls.setdefault(signature, (search_for(signature), term))
            own = {value: (value,) for value in rule.get("enum", ()) if isinstance(value, str)}
            for value, names in [*own.items(), *rule.get("words", {}).items()]:
                for name in names:
                    self.words.setdefault(_normal(name), (term, value))
        self.name = _search(self.names, r"|_\w")  # "n_hidden_units" is no "n_hidden"
        self.word = _search(self.words)
        self.word_before = re.compile(rf"{self.word.pattern}{QUOTE}[\s-]{{1,2}}$", re.IGNORECASE)


def mentions(text: str, vocabulary: Vocabulary) -> list[Mention]:
    """Return the values next to a name, in the order of the text.

    Where one name has several values ("0.1 or 0.3"), each is a mention of its own.
    """
    text = LOG.sub(lambda log: " " * len(log[0]), text)
    calls = [
        (call, term)
        for signature, (pattern, term) in vocabulary.calls.items()
        if signature.partition("(")[0] in text
        for call in pattern.finditer(text)
    ]
    layers = [call.span() for call, term in calls if term.counts]
    found = [
        *_in_calls(text, calls),
        *(each for each in _by_name(text, vocabulary) if not any(a <= each.start < b for a, b in layers)),
        *_alone(text, vocabulary),
    ]
    kept: list[Mention] = []
    for each in sorted(found, key=lambda mention: (mention.start, -mention.end)):
        refused = is_refused(text, each.start)
        within = any(
            other.start < each.start < other.end or (other.start == each.start and each.end < other.end)
            for other in kept[-1:]
        )
        if not refused and not within and (each.clear or _is_asked(text, each, kept)):
            kept.append(each)
    return kept


def is_refused(text: str, at: int) -> bool:
    """Say whether a text says of what stands at a place that it is not so: "without", "instead of"."""
    return REFUSED.search(text[max(at - WITHIN, 0) : at]) is not None


def _in_calls(text: str, calls: Iterable[tuple[re.Match[str], Term]]) -> Iterator[Mention]:
    """Yield the arguments of calls, of layers those that are hidden."""
    layers: dict[str, list[tuple[re.Match[str], Term]]] = {}
    kept = []
    for call, term in calls:
        if term.counts:
            layers.setdefault(call[0].partition("(")[0], []).append((call, term))
        else:
            kept.append((call, term))
    for same in layers.values():
        kept += [(call, same[0][1]) for call in hidden_layers(text, [call for call, _ in same])]
    for call, term in kept:
        if (value := number(argument_of(call), term)) is not None:
            yield Mention(term, value, _words(call[0]), call.start(), call.end())


def _by_name(text: str, vocabulary: Vocabulary) -> Iterator[Mention]:
    names = [each for each in vocabulary.name.finditer(text) if _is_its_own(text, each)]
    used: set[int] = set()  # where numbers end that have a name
    left = []
    for name in names:
        after = list(_after(text, name, vocabulary))
        used.update(mention.end for mention in after)
        yield from after
        if not after:
            left.append(name)
    for name in left:
        yield from _before(text, name, vocabulary, used)


def _after(text: str, name: re.Match[str], vocabulary: Vocabulary) -> Iterator[Mention]:
    """Yield what follows a name: "learning rate of 0.3", "epochs=50", "hidden_layer_sizes=(5,)"."""
    term = vocabulary.names[_normal(name[0])]
    plural = name[0].endswith(("s", "S"))
    link = (AFTER_COUNT if term.counts else AFTER).match(text, name.end())
    if link is None or (term.counts and not plural and "=" not in link[0]):
        return
    said = text[name.start() : link.end()]
    if (word := vocabulary.word.match(text, link.end())) and vocabulary.words[_normal(word[0])][0] == term:
        yield Mention(term, vocabulary.words[_normal(word[0])][1], _words(said + word[0]), name.start(), word.end())
    elif term.size and (alone := IN_BRACKETS.match(text, link.end())):
        if alone[1] and (value := number(alone[1], term)) is not None:  # of several layers, none is meant
            yield Mention(term, value, _words(text[name.start() : alone.end()]), name.start(), alone.end())
    elif first := VALUE.match(text, link.end()):
        following = first.end()
        digits = [first[0]]
        while (more := GOES_ON.match(text, following)) and not vocabulary.name.match(text[more.end() :].lstrip(" -")):
            digits.append(more[1] or more[2] or more[3])
            following = more.end()
        for each in digits:
            if (value := number(each, term)) is not None:
                yield Mention(term, value, _words(said + each), name.start(), first.end())


def _before(text: str, name: re.Match[str], vocabulary: Vocabulary, used: Set[int]) -> Iterator[Mention]:
    """Yield what stands before a name: "5 hidden units", "a 0.3 learning rate", "he_normal initializer".

    Numbers that end where ``used`` says have a name already.
    """
    term = vocabulary.names[_normal(name[0])]
    if name[0].casefold().endswith(" of"):
        return
    began = max(name.start() - WITHIN, 0)
    lead = text[began : name.start()]
    if (word := vocabulary.word_before.search(lead)) and vocabulary.words[_normal(word[1])][0] == term:
        value = vocabulary.words[_normal(word[1])][1]
        yield Mention(term, value, _words(f"{word[1]} {name[0]}"), began + word.start(), name.end())
        return
    last = (BEFORE_COUNT if term.counts else BEFORE).search(lead)
    if last and began + last.end(1) not in used:
        start, digits = last.start(), [last[1]]
        while (more := WENT_BEFORE.search(lead[:start])) and began + more.end(1) not in used:
            start = more.start()
            digits.append(more[1])
        for each in reversed(digits):
            if (found := number(each, term)) is not None:
                said = _words(each + text[began + last.end(1) : name.end()])
                yield Mention(term, found, said, began + start, name.end(), clear=not term.counts)


def _alone(text: str, vocabulary: Vocabulary) -> Iterator[Mention]:
    """Yield the values that have names of their own, wherever they stand."""
    for word in vocabulary.word.finditer(text):
        term, value = vocabulary.words[_normal(word[0])]
        yield Mention(term, value, _words(word[0]), word.start(), word.end(), clear=False)


def _is_its_own(text: str, name: re.Match[str]) -> bool:
    """Say whether a name is not a part of another: "min_lr", "output units", the slope alpha of an activation."""
    lead = text[max(name.start() - WITHIN, 0) : name.start()]
    if (lead.endswith("_") and not PREFIX.search(lead)) or OTHER.search(lead):
        return False
    return _normal(name[0]) not in OTHER_IN_CALLS or not OTHER_CALL.search(
        text, max(name.start() - A_CALL, 0), name.start()
    )


def _is_asked(text: str, mention: Mention, kept: Sequence[Mention]) -> bool:
    """Say whether the learner asks for it: "with 5 neurons", or in a list that goes on from what is asked for."""
    lead = text[max(mention.start - WITHIN, 0) : mention.start]
    if ARTICLE.match(mention.said):
        whole = WHOLE_OF_ONE.search(lead) and not SOME_ONE.match(text, mention.end)
        return bool(whole or COUNTED_ONE.search(lead) or RATHER_THAN_MORE.match(text, mention.end))
    if ASKED.search(lead) or (ROUND.match(mention.said) and ASKED_IN_DIGITS.search(lead)):
        return True
    if re.match(r"\s+(?:network|net|layer|model)\b", text[mention.end :]) and not mention.said.endswith("s"):
        return True
    return any(each.start == mention.start or JOINED.fullmatch(text[each.end : mention.start]) for each in kept)


def number(written: str, term: Term) -> float | None:
    """Return a number as it is meant for a parameter; None where that is not clear.

    Per cent are taken for a parameter that is a share.
    """
    if kind(term.rule) in {"text", "boolean"} or any(isinstance(value, str) for value in term.rule.get("enum", ())):
        return None
    if written.endswith("%") and not (kind(term.rule) == "number" and term.rule.get("maximum", 2) <= 1):
        return None
    return value_of(written)


def _normal(name: str) -> str:
    """Return a name without what may be written in several ways: case, hyphens, spaces, a plural."""
    return re.sub(r"[\s_-]+", " ", name.casefold()).strip().removesuffix("s")


def _search(names: Mapping[str, object], within: str = "") -> re.Pattern[str]:
    """Return a search for names, the longest first, in code and in prose; what follows within the name ends none."""
    longest = sorted(names, key=len, reverse=True)
    written = (r"[\s_-]{1,2}".join(map(re.escape, name.split())) for name in longest)
    spelt = "|".join(written) or "(?!)"
    return re.compile(rf"(?<![^\W_])((?:{spelt})s?)(?![^\W_]{within})", re.IGNORECASE)


def _words(said: str) -> str:
    """Return what was said as it is shown: in one line, without quotation marks, of which one would be left alone."""
    plain = " ".join(re.sub("[\"'“”‘’`]", "", said).split()).strip("( ")
    return plain + ")" * (plain.count("(") - plain.count(")"))
