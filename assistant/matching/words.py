"""What comparing two sentences word by word knows of English: which words carry it, mean the same, or turn it round."""

import re
from functools import lru_cache

import snowballstemmer

AUXILIARY = "(?:is|are|am|was|were|do|does|did|ca|can|could|should|would|will|wo|must|has|have|had|might|may|shall)"
PRONOUN = "(?:it|they|that|this|these|those|he|she|we|you|i|there|one)"
# What only leads up to what is said, or asks for agreement, and says nothing itself.
LEAD = re.compile(
    r"""^\W*(?:(?:and|but|so|then|well|hmm?|ok|okay|also|hi|hello|actually|basically)\b,?\s*)*
    (?:(?:(?:is|isn't|was)\ it\ (?:true|so|right|correct|the\ case)\ that
      | (?:is\ it|it\ is|it's)\ (?:just\ )?(?:because|that)
      | (?:can|could|would|will)\ (?:you|someone|anyone|somebody|anybody)\ (?:please\ )?(?:explain|tell\ me|clarify)
      | (?:please\ )?(?:explain|tell\ me) | how\ come | why\ is\ it\ that | how\ is\ it\ that | how\ can\ it\ be\ that
      | what(?:'s|\ is)\ the\ reason\ (?:that|why|for\ which)
      | i\ (?:just\ |really\ |still\ )?(?:think|thought|believe|believed|guess|guessed|assume|assumed
          |suppose|read|heard)
      | (?:i\ was\ |i've\ been\ |i\ have\ been\ )?(?:told|taught)
      | i\ (?:do\ not|don't|cannot|can't|did\ not|didn't|could\ not|couldn't)\ (?:quite\ |really\ )?
        (?:understand|see|get|follow|know)
      | i\ (?:am|was|'m)?\ ?(?:wonder|wondering|not\ sure|confused|unsure)
      | i'm\ (?:wondering|not\ sure|confused|unsure)
      | (?:do|does)\ (?:this|that|it)\ mean | (?:this|that|it)\ means | you\ (?:say|said|write|wrote|mean|claim)
      )\b,?\s*(?:that|why|how|if|whether|about)?\b\s*)*""",
    re.IGNORECASE | re.VERBOSE,
)
TAG = re.compile(
    rf"[,;]?\s*\b(?:(?:or\s+)?{AUXILIARY}(?:n't)?\s+{PRONOUN}(?:\s+not)?|right|correct|true|yes|no|or\s+not"
    r"|am\ i\ right|is\ that\ (?:right|true|so)|please|thanks|thank\ you)\s*\W*$",
    re.IGNORECASE,
)
# "Don't shuffle." forbids, and asks nothing.
EXPECTS_YES = re.compile(rf"^(?!don't\b[^?]*$)({AUXILIARY})n't\b|^(why\s+{AUXILIARY})n't\s+we\b", re.IGNORECASE)
WHY_NOT = re.compile(rf"^why not\b(?=[^,?]*\w)(?!\s+{AUXILIARY}\b)")  # proposes what follows
WHEN_ASKED = re.compile(rf"^when\s+(?={AUXILIARY}\b)", re.IGNORECASE)
DOUBTFUL = re.compile(
    r"\b(?:not|no)\s+(?:only|just|necessarily|even|yet|all|always|every|each|both|more|less|any\s+more"
    r"|completely|totally|perfectly|entirely|fully|exactly|quite|very|really|simply|so|too)\b"
)
FAILS = re.compile(r"\b(?:fails?|failed|failing|refuses?|unable|unlikely)\s+to\b")
SPELT_OUT = (("can't", "can not"), ("cannot", "can not"), ("won't", "will not"), ("n't", " not"), ("non-", "non"))
WORD = re.compile(r"[a-z0-9]+(?:[.-][a-z0-9]+)*(?:\s?%)?|[,<>]")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


NEGATIONS = _words("not no never none nothing nobody neither nor hardly barely without")
WITHOUT = "without"  # negates what goes with it, and not the sentence
SUBORDINATE = {
    **dict.fromkeys(_words("if when whenever once where"), "if"),
    **dict.fromkeys(_words("because since"), "because"),
    **dict.fromkeys(_words("although though while whereas"), "although"),
    **dict.fromkeys(_words("unless"), "unless"),
    **dict.fromkeys(_words("until"), "until"),
}
RELATIVE = _words("that which who whose")
INDIRECT = _words("what whether")
JOINING = _words("and or but")
NAMES_ITSELF = _words("it they i you we he she")
QUANTIFIERS = {
    **dict.fromkeys(_words("all always every each everything everywhere everyone"), "all"),
    **dict.fromkeys(_words("any anyone anything"), "any"),
    **dict.fromkeys(_words("must should ought"), "must"),
    **dict.fromkeys(_words("need needs have-to"), "need"),  # What need not be so may be so.
    **dict.fromkeys(_words("most mostly usually often sometimes some many several few both only alone doubtful")),
}
SOME = _words("some sometimes several many few often only alone any doubtful")  # may hold of both contraries
POSSIBLE = _words("can could may might able")
NEVER = _words("never nothing nobody none neither")
BINDING = {*SUBORDINATE, *_words("so therefore hence otherwise")}
GRAMMAR = _words(
    "a an the is are was were be been being am do does did has have had can could will would may might shall "
    "it its they them their this these those there i we he she my your our me us you one's itself themselves "
    "of to in on at for as and but so why how just really simply exactly actually very quite "
    "become becomes became becoming get gets got make makes ever even still then able "
    "come comes turn turns completely totally perfectly entirely well"
)
# Between the words that say what a text is about; "not", "why" and "how" are none of these.
SAY_LITTLE = _words(
    "a an the is are was were be been being am do does did it its this that there of to in on at for as and but so "
    "i my we you"
)
PREPOSITIONS = _words("of to in on at by for as with from and or through during using having")
ARTICLES = _words("a an the its their my your our this these")
DEGREES = _words("more less most least")
# What does not make things equal need not make them different.
CHANGES = _words("make makes made making get gets got getting become becomes became becoming turn turns")
BEING = _words("is are was were be been being am stay stays remain remains keep keeps")
VERBS = BEING | _words("do does did has have had can could will would may might shall must should need needs have-to")
# What may follow a word that tells something of what was spoken of before it.
GOES_ON = PREPOSITIONS | ARTICLES | _words(", than but so it they them we you over under between again too")
LEADING = PREPOSITIONS | _words("after before without since despite")  # before what a sentence is about
COUNTING = _words("a an one two three four five six eight ten another")
ASKING = VERBS | _words("why how so then really")  # before what a question is about
NO_PLURALS = _words("bias loss less always this its as us")
# Which of several things is asked for stays among the words that must be the same: "which", "what", "how many".

# (whether what is not the one is the other; the one; the other)
PAIRS = (
    (True, "same equal identical alike equally", "different differ differently unequal distinct difference"),
    (True, "possible", "impossible"),
    (True, "necessary needed required", "unnecessary superfluous needless"),
    (True, "right correct true", "wrong incorrect false"),
    (True, "stable", "unstable"),
    (True, "linear", "nonlinear"),
    (True, "important matter relevant", "unimportant irrelevant"),
    (True, "succeed work success", "fail failure"),
    (True, "useful", "useless"),
    (True, "symmetric symmetrical", "asymmetric asymmetrical"),
    (True, "certain sure", "uncertain unsure"),
    (True, "finite", "infinite"),
    (True, "exact", "inexact"),
    (True, "harmless", "harmful"),
    (True, "trained", "untrained"),
    (True, "known", "unknown"),
    (True, "stay remain keep", "change"),
    (False, "rise raise increase grow climb", "fall decrease reduce lowers lowering drop shrink sink decline"),
    (False, "large big huge great", "small little tiny"),
    (False, "larger bigger greater", "smaller"),
    (False, "high", "low"),
    (False, "higher", "lower"),
    (False, "more", "less fewer"),
    (False, "better", "worse"),
    (False, "best", "worst"),
    (False, "good", "bad"),
    (False, "improve", "worsen"),
    (False, "help benefit", "hurt harm"),
    (False, "fast quick quickly speed", "slow slowly"),
    (False, "faster quicker sooner", "slower later"),
    (False, "converge", "diverge"),
    (False, "before", "after"),
    (False, "above over", "below under"),
    (False, "long longer", "short shorter"),
    (False, "wide wider", "narrow narrower"),
    (False, "deep deeper", "shallow shallower"),
    (False, "easy easier", "hard harder difficult"),
    (False, "random randomly", "fixed constant deterministic"),
    (False, "first beginning begin start", "last end finish"),
    (False, "together", "apart separately"),
    (False, "positive", "negative"),
    (False, "active alive", "dead silent inactive"),
    (False, "overfit", "underfit"),
    (False, "strong stronger", "weak weaker"),
    (False, "remember", "forget"),
    (False, "add", "remove"),
    (False, "maximum maximise largest", "minimum minimise smallest"),
    (False, "early earlier", "late"),
    (False, "far", "near close"),
    (False, "sharp", "flat"),
    (False, "up", "down"),
    (False, "win", "lose"),
    (False, "overestimate", "underestimate"),
)
MEANS_THE_SAME = (
    "neuron unit node neurone",
    "network net model",
    "rate lr alpha",
    "initialise init initialize",
    "optimiser optimizer",
    "minibatch mini-batch batch",
    "cause lead",
    "error loss cost",
    "data dataset",
    "example sample",
    "happen occur",
    "dropout drop-out",
    "shuffle reshuffle",
    "learn train",
    "enough sufficient suffice",
    "xavier glorot",
)


@lru_cache(maxsize=8_192)
def stem(word: str) -> str:
    """Return what a word has in common with its inflections, in British and American spelling."""
    stemmer = snowballstemmer.stemmer("english")  # one keeps the word that it is at, and so is for one thread alone
    return str(stemmer.stemWord(re.sub(r"is(e[sd]?|ing|ations?|ers?)$", r"iz\1", word)))


# What follows "that" after these is said, and is no part of what is spoken of.
SAYS = frozenset(
    map(stem, _words("mean show prove say think know notice tell claim guarantee ensure suggest imply understand"))
)
# What does not follow, or does not suffice, does so in no general way: of these, just one of both must be so.
FOLLOWS = SAYS | frozenset(map(stem, _words("need must have-to necessary enough sufficient depend sign proof")))

# A word's concept, and which way of two it points.
OPPOSITES = {
    stem(word): (one.split()[0], pole)
    for _, one, other in reversed(PAIRS)
    for pole, side in enumerate((one, other))
    for word in side.split()
}
BOTH_MAY_BE = frozenset({"before", "first", "early", "add"})  # one time, place or deed does not exclude the other
COMPLEMENTS = frozenset(one.split()[0] for complement, one, _ in PAIRS if complement)
SYNONYMS = {stem(word): stem(group.split()[0]) for group in MEANS_THE_SAME for word in group.split()}


def concept(word: str) -> str:
    """Return the stem that a word has in common with its inflections and synonyms: "neuron" of "nodes"."""
    found = stem(word)
    return SYNONYMS.get(found, found)


def plain_words(sentence: str) -> list[str]:
    """Return the words of a sentence in small letters, without what leads up to it, and its commas."""
    text = " ".join(sentence.lower().replace("’", "'").split())
    text = TAG.sub("", LEAD.sub("", text)).strip()
    text = WHY_NOT.sub("why", text)
    text = WHEN_ASKED.sub("when-asked ", EXPECTS_YES.sub(lambda found: found[1] or found[2], text))
    text = re.sub(r"\b(?:as|so) long as\b|\bprovided(?: that)?\b", "if", text)
    text = re.sub(r"\bha(?:s|ve|d)\s+to\b", "have-to", FAILS.sub("not", text))
    for short, long in SPELT_OUT:
        text = text.replace(short, long)
    return WORD.findall(DOUBTFUL.sub("doubtful", text))
