"""What the fields of an entry are called, wherever a teacher is told of one."""

NAMES = {  # those of a revision's content first, in the order of the editor
    "title": "Title",
    "theme": "Theme",
    "order": "Place in the reading order",
    "short": "Short answer",
    "explanation": "Explanation",
    "not_covered": "Not covered",
    "experiments": "Experiments",
    "claims": "Claims",
    "predict": "Guess first",
    "beliefs": "What people often think",
    "references": "References",
    "slug": "Slug",
    "phrasings": "Phrasings",
    "experiment": "Experiment",
    "hyperparameters": "Parameters",
    "reason": "What you changed, and why",
}
ROWS = {"claims": "Claim", "beliefs": "Belief", "further": "Further experiment"}
PARTS = {  # of a claim, a belief, a further experiment, or what is guessed
    "text": "Sentence",
    "finding": "Finding",
    "predicate": "Comparison",
    "value": "Value",
    "upper": "Upper end",
    "complement": "Counted where it is not true",
    "control": "Control",
    "belief": "Belief",
    "wordings": "Other wordings",
    "answer": "Is it true?",
    "why": "Reason",
    "claim": "Deciding claim",
    "question": "Question",
}


def name_of(key: str) -> str:
    """Return what a field is called; one of a row has the row's name first: "Claim 2, finding"."""
    row, part = names_of(key)
    return f"{row}, {inside(part)}" if row and part else row or part


def names_of(key: str) -> tuple[str, str]:
    """Return what the row or group of a field is called, and what the field is; empty where there is none."""
    first, *others = key.split(".")
    if not others:
        return "", NAMES.get(first, first)
    at, *inner = others if others[0].isdigit() else ("", *others)
    row = f"{ROWS.get(first, first)} {int(at) + 1}" if at else NAMES.get(first, first)
    part = inner[0] if inner else ""
    return row, PARTS.get(part, NAMES.get(part, part))


def inside(name: str) -> str:
    """Return a name as it stands within a sentence."""
    return name[:1].lower() + name[1:]
