"""Finding phrasings in a long list: by words, by where they come from, and those that nearly stand twice."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rapidfuzz import fuzz, process, utils
from sqlalchemy import ColumnElement, func, select

from assistant.database import db, now
from assistant.library.phrasing_queries import ACTIVE, IN_ORDER, PER_PAGE, of_entry
from assistant.library.tables import EntryRow, PhrasingRow

ALIKE = 88  # the least similarity, of 100, of two phrasings that nearly are the same
SHOWN = {
    "all": "all",
    "learners": "from learners",
    "authors": "from authors",
    "held-out": "held out of learning",
    "month": "added this month",
    "near": "nearly the same as another",
}
SORTS: dict[str, tuple[str, tuple[Any, ...]]] = {
    "newest": ("newest first", (PhrasingRow.id.desc(),)),
    "oldest": ("oldest first", (PhrasingRow.id.asc(),)),
    "text": ("from A to Z", (func.lower(PhrasingRow.text).asc(), PhrasingRow.id.asc())),
    "shortest": ("shortest first", (func.length(PhrasingRow.text).asc(), PhrasingRow.id.asc())),
    "longest": ("longest first", (func.length(PhrasingRow.text).desc(), PhrasingRow.id.asc())),
    "models": ("model phrasings first", IN_ORDER),
}


@dataclass(frozen=True)
class Search:
    """What of a list is asked for."""

    words: str = ""
    show: str = "all"
    sort: str = "newest"

    @property
    def narrows(self) -> bool:
        """Whether it may leave out any."""
        return bool(self.words) or self.show != "all"


@dataclass(frozen=True)
class Found:
    """A page of what was found; ``near`` holds by id a text that is nearly the same."""

    rows: list[PhrasingRow]
    total: int
    near: dict[int, str]


def search_of(words: str, show: str, sort: str) -> Search:
    """Return a search as it was typed; what is unknown is as if it had not been typed."""
    return Search(
        " ".join(words.split())[:200],
        show if show in SHOWN else "all",
        sort if sort in SORTS else "newest",
    )


def find(entry: EntryRow | None, search: Search, page: int) -> Found:
    """Return a page of an entry's phrasings, or with None of what no entry answers; each has `PER_PAGE`."""
    own = [of_entry(entry), ACTIVE]
    conditions = [*own, *_conditions(search)]
    texts = {row.id: row.text for row in db.session.execute(select(PhrasingRow.id, PhrasingRow.text).where(*own))}
    all_near = near_duplicates(texts, list(texts)) if search.show == "near" else None
    if all_near is not None:
        conditions.append(PhrasingRow.id.in_(all_near))
    _, order = SORTS[search.sort]
    rows = select(PhrasingRow).where(*conditions).order_by(*order)
    shown = list(db.session.scalars(rows.offset((page - 1) * PER_PAGE).limit(PER_PAGE)))
    total = db.session.scalar(select(func.count(PhrasingRow.id)).where(*conditions)) or 0
    return Found(shown, total, near_duplicates(texts, [row.id for row in shown]) if all_near is None else all_near)


def near_duplicates(texts: dict[int, str], asked: Sequence[int]) -> dict[int, str]:
    """Return of those that are asked about the ones that nearly are another, whatever their words' order, with that."""
    numbers, sorted_words = list(texts), {number: _words_of(text) for number, text in texts.items()}
    others = [sorted_words[number] for number in numbers]
    found: dict[int, str] = {}
    if not asked or len(others) < 2:
        return found
    # Of a list with itself, each pair is compared once.
    own_words = others if list(asked) == numbers else [sorted_words[each] for each in asked]
    scores = process.cdist(own_words, others, scorer=fuzz.ratio, score_cutoff=ALIKE)
    place = {number: at for at, number in enumerate(numbers)}
    for number, own in zip(asked, scores, strict=True):
        own[place[number]] = 0
        if own.max() >= ALIKE:
            found[number] = texts[numbers[int(own.argmax())]]
    return found


def _words_of(text: str) -> str:
    return " ".join(sorted(utils.default_process(text).split()))


def _conditions(search: Search) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    for word in search.words.split():
        found.append(PhrasingRow.text.icontains(word, autoescape=True))
    match search.show:
        case "learners":
            found.append(PhrasingRow.origin == "learner")
        case "authors":
            found.append(PhrasingRow.origin != "learner")
        case "held-out":
            found.append(PhrasingRow.held_out.is_(True))
        case "month":
            first = now().replace(day=1, hour=0, minute=0, second=0, microsecond=0)
            found.append(PhrasingRow.added_at >= first)
    return found
