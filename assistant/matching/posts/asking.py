"""Which sentences ask something, in the ways in which people ask in forums; and which are only polite.

Where a sign can stand both between words and in them, searches never go back (`++`): many ways to part a row of dashes
would take minutes to try.
"""

import re

WHAT = "(?:why|how|what|what'?s|when|where|which|who|whose)"
VERB = (
    "(?:is|are|was|were|do|does|did|can|could|should|would|will|shall|may|might|must|has|have|had|"
    "(?:is|are|do|does|did|ca|could|should|would|wo)n'?t)"
)
# What asks where it stands within a sentence: ", which is ..." and ", where it ..." go on telling.
WITHIN_WHAT = rf"(?:(?:why|how|what|what's)\b|(?:when|where|which|who|whose)\s+(?!is|are|was|were|has|had){VERB}\b)"
# What may stand before the question itself: "And second:", "PS", "2)".
LEAD = r"""
(?:
    (?: and | but | so | also | or | then | now | ok | okay | well | hence | p\.?s\.? | finally | next | another
      | besides | first(?:ly)? | second(?:ly)? | third(?:ly)? | moreover | furthermore | additionally | in\ addition
      | lastly | q\d* | \(?\d+(?:[.):]|\ -) | [a-d][.):] | [-*•]
    ) [\s,:]++
)*+
"""
BEGINS = re.compile(
    rf"^\W*+{LEAD}(?:(?!(?:when|where)\s+(?!{VERB}\b)){WHAT}|{VERB}\s+\w+)\b", re.IGNORECASE | re.VERBOSE
)
WITHIN = re.compile(
    rf"""(?:[,:;]|\bthen|\bbut|\bso|\band)\s+{WITHIN_WHAT}
      | \b(?:if|when)\b[^,]*,\s*{VERB}\b
      | (?<!that's\ )(?<!that\ is\ )(?<!this\ is\ )(?<!which\ is\ )(?<!reason\ )\bwhy\b""",
    re.IGNORECASE | re.VERBOSE,
)
INDIRECT = re.compile(
    r"""\b(?:
        wonder(?:ing)? | curious | puzzl\w+ | confus\w+ | unclear | unsure | no\ idea | any\ idea | difference\ between
      | not\ (?:\w+\ )?(?:sure|clear|certain)
      | (?:do|did|does|ca|can|could|am)(?:n'?t|\ not|not)\s+(?:\w+\s+)?
        (?:understand\w*|get|see|follow|figure|grasp|know|explain|tell|say|imagine)
      | (?:nobody|no\ one)\ knows | whether | how\ come | no\ clue | makes\ no\ sense | grateful\ for
      | surpris(?:ed|es|ing)
      | (?:my|a|one|the|another|quick|second|first|last)\ (?:\w+\ )?(?:question|doubt)s?
      | (?:please|pls|could\ you|can\ you|someone|anyone)\ (?:\w+\ )?(?:explain|clarify|tell|elaborate|help)
      | explain\ (?:to\ )?me | tell\ me | hard\ to\ (?:understand|see|grasp) | help\ me\ (?:to\ )?understand
      | (?:want|like|love|need|trying)\ to\ (?:know|understand|ask|learn|see)
      | struggl\w+\ (?:to|with) | trouble\ (?:understanding|seeing|with)
      | thought\ that | (?:i|we)\ (?:think|believe|guess|assume|suppose)
    )\b""",
    re.IGNORECASE | re.VERBOSE,
)
ANOTHER = re.compile(
    r"""^\W*(?:
        (?: (?:and\s+)?(?:also|another|one\ (?:more|last|other)) | further(?:more)? | moreover
          | additionally | in\ addition
          | (?:a\ |my\ |the\ )?(?:second|third|next|last|other|follow-?up)
            (?:\ (?:\w+\ )?(?:question|thing|doubt|point|issue)|(?=\ ?[:,)-]))
          | besides | secondly | thirdly | p\.?s\.?
        )\b
      | \(?[2-9][.):]\s | [b-d][):]\s
    )""",
    re.IGNORECASE | re.VERBOSE,
)
COURTESY = re.compile(
    r"""^\W*(?:
        (?:hi|hello|hey|dear|greetings|good\ (?:morning|afternoon|evening|day))\b(?:\W++[\w.@-]++){0,4}
      | (?:many\ |much\ )?(?:thanks?|thank\ you|thx|ty|cheers|regards|(?:best|kind)\ (?:regards|wishes))\b
        (?:\W++[\w'@-]++){0,8}
      | (?:(?:can|could|would|will)\ )?(?:please\ )?(?:any(?:one|body)|some(?:one|body)|you)
        \ (?:please\ |kindly\ |maybe\ )?(?:help|explain|clarify|assist|answer)
        (?:\ (?:me|us|this|that|it|to|out|with|on|here|please|understand))*
      | any\ (?:help|ideas?|thoughts?|suggestions?|hints?|advice|clarification|insights?|pointers?)\b
        (?:\W++[\w']++){0,7}
      | (?:is|am|was)\ (?:that|this|it|i|my\ understanding)
        \ (?:right|correct|true|wrong|ok(?:ay)?|missing\ (?:something|anything))
      | right | correct | true | no | yes | makes?\ sense | does\ (?:that|this|it)\ make\ (?:any\ )?sense
      | what\ do\ you\ think
      | (?:i\ )?(?:have|got|had)\ (?:a|one|two|three|some|another|several|few|a\ few|the\ following)(?:\ \w+){0,2}
        \ (?:questions?|doubts?)(?:\W++[\w']++){0,6}
      | (?:here\ (?:is|are)\ )?my\ (?:\w+\ )?questions?\ (?:is|are)(?:\ (?:this|these|the\ following))?
      | sorry\b(?:\W++[\w']++){0,10}
    )\W*$""",
    re.IGNORECASE | re.VERBOSE,
)
# Where one sentence asks twice: "how does it know ..., and why is ...?"
JOINT = re.compile(
    rf"""(?:[,;]\s*|\s+)(?:and\ also|and|also|or|plus)\s+(?={WHAT}\s+\w+\s+\w+)
      | [,;]\s*(?={WITHIN_WHAT}(?:\s+\w+){{2}})""",
    re.IGNORECASE | re.VERBOSE,
)
# What a short sentence says by pointing at what was said before it.
POINTS = re.compile(
    r"\b(?:it|its|this|that|these|those|such|they|them|their|there|here|same|both|ones?)\b", re.IGNORECASE
)
MOST_POINTING = 10  # words; a longer sentence says what it is about
LEAST_WORDS = 3  # of a clause that asks for itself


def asks(sentence: str) -> bool:
    """Say whether a sentence asks something, with a question mark or without."""
    return "?" in sentence or is_question(sentence) or bool(INDIRECT.search(sentence) or ANOTHER.match(sentence))


def goes_on(line: str) -> bool:
    """Say whether a line begins something else than the line before, as points of a list and "Also, ..." do."""
    return bool(ANOTHER.match(line))


def is_question(sentence: str) -> bool:
    """Say whether a sentence has the form of a question, whatever its last sign is."""
    return bool(BEGINS.match(sentence) or WITHIN.search(sentence))


def is_courtesy(sentence: str) -> bool:
    """Say whether a sentence greets, thanks or calls for help, and asks nothing of its own."""
    return COURTESY.match(sentence) is not None


def points(sentence: str) -> bool:
    """Say whether a sentence is short and points at what was said before it."""
    return len(sentence.split()) <= MOST_POINTING and bool(POINTS.search(sentence))


def clauses(sentence: str) -> list[str]:
    """Return the parts of a sentence that each ask something by themselves, or the whole sentence."""
    parts = JOINT.split(sentence)
    each_asks = all(len(each.split()) >= LEAST_WORDS and is_question(each) for each in parts)
    return parts if len(parts) > 1 and each_asks else [sentence]
