"""Content files: an entry's Markdown with front matter, its phrasings and beliefs, and what no entry answers.

They are parsed once into the types of `entries`. Every mistake names the file, the line and the key.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from pydantic import ValidationError

from assistant.library import beliefs, phrasings
from assistant.library.content import front_matter, yaml_text
from assistant.library.content.canonical import text_of
from assistant.library.content.mistakes import ContentError, Mistake, mistake_of
from assistant.library.content.yaml_text import Document, YAMLTextError
from assistant.library.entries import FEWEST_PHRASINGS, SLUG, Draft, Entry, topic_of
from assistant.library.phrasings import FOLDER, NOT_COVERED, Phrasing, file_of
from assistant.matching import Corpus


def paths_of(folder: Path) -> list[Path]:
    """Return the files of a folder's entries by name; README.md is for authors."""
    return [path for path in sorted(folder.glob("*.md")) if path.name != "README.md"]


def read(folder: Path) -> list[Entry]:
    """Read every entry of a folder, in reading order.

    Raises:
        ContentError: a file has a mistake, or two entries share a phrasing or a belief.
    """
    entries: list[Entry] = []
    mistakes: list[Mistake] = []
    paths = paths_of(folder)
    for path in paths:
        try:
            own = [_before(name, (folder,)) for name in (file_of(path.stem), beliefs.file_of(path.stem))]
            entries.append(parse(path.name, text_in(folder, path), *own))
        except ContentError as error:
            mistakes += error.mistakes
    possible = {name for path in paths for name in (file_of(path.stem), beliefs.file_of(path.stem))}
    for path in sorted([*(folder / FOLDER).glob("*"), *(folder / beliefs.FOLDER).glob("*")]):
        if (name := path.relative_to(folder).as_posix()) not in possible:
            mistakes.append(Mistake(name, 1, "file", f"there is no entry {path.stem}.md that it could belong to"))
    try:
        not_covered = read_not_covered(folder)
    except ContentError as error:
        mistakes, not_covered = mistakes + error.mistakes, []
    mistakes += _shared_phrasings(entries, not_covered, folder)
    known = [(beliefs.file_of(entry.slug), entry.beliefs) for entry in entries]
    mistakes += [beliefs.mistake_of_repeat(each, _before(each.name, (folder,))) for each in beliefs.repeats(known)]
    if mistakes:
        raise ContentError(mistakes)
    return sorted(entries, key=lambda entry: (entry.order, entry.slug))


def read_not_covered(folder: Path) -> list[Phrasing]:
    """Read the questions that no entry answers; none where a folder has no file of them.

    Raises:
        ContentError: the file has a mistake.
    """
    path = folder / NOT_COVERED
    return phrasings.read(NOT_COVERED, text_in(folder, path), grouped=True) if path.exists() else []


def content_corpus(folder: Path) -> Corpus:
    """Return what matching reads of the content files alone.

    Raises:
        ContentError: they have mistakes.
    """
    entries, not_covered = read(folder), read_not_covered(folder)
    own = [each for entry in entries for each in entry.all_phrasings]
    return Corpus(
        tuple(topic_of(entry.slug, entry, [each.text for each in entry.all_phrasings]) for entry in entries),
        tuple(
            dict.fromkeys([*(each.text for each in not_covered), *(text for e in entries for text in e.not_covered)])
        ),
        frozenset(each.text for each in [*own, *not_covered] if each.held_out),
    )


def text_in(folder: Path, path: Path) -> str:
    """Return the text of a content file, with lines that end in a line feed and without a byte-order mark.

    Raises:
        ContentError: it is not UTF-8.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        name = path.relative_to(folder).as_posix()
        line = error.object[: error.start].count(b"\n") + 1
        raise ContentError([Mistake(name, line, "file", f"is not UTF-8 text: {error.reason}")]) from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def parse(name: str, text: str, more: str = "", believed: str = "") -> Entry:
    """Parse the text of the file ``name``, and those of the files of its phrasings and its beliefs.

    Raises:
        ContentError: they have mistakes; each names its key and line.
    """
    slug = name.removesuffix(".md")
    if not SLUG.fullmatch(slug):
        raise ContentError([Mistake(name, 1, "file", "must be named by a slug, such as why-neurons-differ.md")])
    try:
        front = front_matter.read(text)
    except YAMLTextError as error:
        raise ContentError([Mistake(name, error.line, error.key, error.message)]) from None
    own = {"slug": slug, "explanation": front.body.strip(), "more_phrasings": phrasings.read(file_of(slug), more)}
    own["beliefs"] = beliefs.read(beliefs.file_of(slug), believed)
    if not_read := [str(key) for key in front.values if key in own]:
        raise ContentError([Mistake(name, front.line_of([key]), key, "does not stand here") for key in not_read])
    try:
        entry = Entry.model_validate({str(key): value for key, value in front.values.items()} | own)
    except ValidationError as error:
        raise ContentError([mistake_of(name, front, detail) for detail in error.errors()]) from None
    if mistakes := list(_of_phrasings(name, entry, front)):
        raise ContentError(mistakes)
    return entry


def _of_phrasings(name: str, entry: Entry, front: Document) -> Iterator[Mistake]:
    models = {text.casefold() for text in entry.phrasings}
    for each in entry.more_phrasings:
        if each.text.casefold() in models:
            told = f"{each.text!r} stands in {file_of(entry.slug)} too"
            at = [text.casefold() for text in entry.phrasings].index(each.text.casefold())
            yield Mistake(name, front.line_of(["phrasings", at]), f"phrasings.{at}", told)
    if (found := len(entry.all_phrasings)) < FEWEST_PHRASINGS:
        told = f"there are {found} together with {file_of(entry.slug)}, and at least {FEWEST_PHRASINGS} are needed"
        yield Mistake(name, front.line_of(["phrasings"]), "phrasings", told)


def _shared_phrasings(entries: Sequence[Entry], not_covered: Sequence[Phrasing], folder: Path) -> Iterator[Mistake]:
    """Yield the phrasings that stand in two places."""
    own = [(f"{entry.slug}.md", each) for entry in entries for each in entry.all_phrasings]
    owner: dict[str, str] = {}
    for name, each in [*own, *((NOT_COVERED, each) for each in not_covered)]:
        other = owner.setdefault(each.text.casefold(), name)
        if other != name:
            told = f"{each.text!r} also stands in {other}"
            if each.line:
                file = name if name == NOT_COVERED else file_of(name.removesuffix(".md"))
                yield Mistake(file, each.line, "phrasing", told)
            else:
                front = front_matter.read(text_in(folder, folder / name))
                at = [text.strip() for text in front.values["phrasings"]].index(each.text)
                yield Mistake(name, front.line_of(["phrasings", at]), f"phrasings.{at}", told)


def locate(mistake: Mistake, folder: Path) -> Mistake:
    """Return a mistake with its line in its file: that of its key, or in an explanation, that of the text's line."""
    text = text_in(folder, folder / mistake.file)
    place = [int(part) if part.isdigit() else part for part in mistake.key.split(".")]
    if mistake.file == beliefs.file_of(Path(mistake.file).stem):
        return replace(mistake, line=yaml_text.read(text).line_of(place[1:]))
    front = front_matter.read(text)
    if mistake.key == "explanation":  # It stands below the front matter.
        empty = front.body[: len(front.body) - len(front.body.lstrip())].count("\n")
        return replace(mistake, line=text.count("\n") - front.body.count("\n") + empty + mistake.line)
    return replace(mistake, line=front.line_of(place))


def mistakes_of_form(entries: Sequence[Entry], folder: Path) -> list[Mistake]:
    """Return where files differ from the one form that the export writes."""
    found = []
    for name, text in _canonical(entries, folder):
        before, after = (folder / name).read_bytes(), text.encode()
        if before != after:
            lines = zip([*before.split(b"\n"), b""], [*after.split(b"\n"), b""], strict=False)
            line = next((at for at, (one, other) in enumerate(lines, 1) if one != other), 1)
            found.append(Mistake(name, line, "form", "is not written in the one form; `library check --fix` does that"))
    return found


def fix(entries: Sequence[Entry], folder: Path) -> list[str]:
    """Write files in their one form, remarks included, and return the names of those that were not."""
    return [name for name, text in _canonical(entries, folder) if _write_if_changed(folder / name, text)]


def _canonical(entries: Sequence[Entry], folder: Path) -> Iterator[tuple[str, str]]:
    for entry in entries:
        yield from _texts_of(entry, entry.all_phrasings, (folder,))
    if (folder / NOT_COVERED).exists():
        yield NOT_COVERED, phrasings.to_text(read_not_covered(folder), text_in(folder, folder / NOT_COVERED))


def write(draft: Draft, own: Sequence[Phrasing], folder: Path, known: Path) -> bool:
    """Write an entry's content files, and say whether that changed any.

    Args:
        draft: the entry.
        own: its phrasings.
        folder: where they are written; the remarks and the order of files that are there are kept.
        known: the content folder, whose remarks and order are kept where ``folder`` has no such file.

    Raises:
        YAMLTextError: a file is there that cannot be read.
    """
    changed = [name for name, text in _texts_of(draft, own, (folder, known)) if _write_if_changed(folder / name, text)]
    return bool(changed)


def write_not_covered(own: Sequence[Phrasing], folder: Path, known: Path) -> bool:
    """Write the file of the questions that no entry answers as `write` does, and say whether that changed it."""
    before = _before(NOT_COVERED, (folder, known))
    return _write_if_changed(folder / NOT_COVERED, phrasings.to_text(own, before, phrasings.NOT_COVERED_HEAD))


def _texts_of(draft: Draft, own: Sequence[Phrasing], folders: Sequence[Path]) -> Iterator[tuple[str, str]]:
    """Yield the names and texts of an entry's files."""
    name, more = f"{draft.slug}.md", file_of(draft.slug)
    models = sorted((each for each in own if each.model is not None), key=lambda each: each.model or 0)
    yield name, text_of(draft, [each.text for each in models], _before(name, folders))
    others, before = [each for each in own if each.model is None], _before(more, folders)
    if others or before:
        yield more, phrasings.to_text(others, before)
    before = _before(believed := beliefs.file_of(draft.slug), folders)
    if draft.beliefs or before:
        yield believed, beliefs.to_text(draft.beliefs, before)


def _before(name: str, folders: Sequence[Path]) -> str:
    """Return what a file holds in the first of the folders that has it."""
    return next((text_in(folder, folder / name) for folder in folders if (folder / name).exists()), "")


def _write_if_changed(path: Path, text: str) -> bool:
    if path.exists() and path.read_bytes() == text.encode():
        return False
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(text.encode())
    return True
