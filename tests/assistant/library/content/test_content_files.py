"""Content files: every mistake names its file, key and line; import and export."""

import re
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import pytest

from assistant.library.content.content_files import content_corpus, fix, mistakes_of_form, parse, read
from assistant.library.content.mistakes import ContentError
from assistant.library.entries import FEWEST_PHRASINGS, MOST_MODELS, mistakes_in
from tests.assistant.library.conftest import CONTENT, line_of

pytestmark = pytest.mark.slow


def test_the_librarys_own_entries_have_no_mistakes(described: dict[str, dict[str, object]]) -> None:
    entries = read(CONTENT)
    assert {entry.slug for entry in entries} >= {
        "why-neurons-differ",
        "same-features-different-neurons",
        "why-a-neuron-splits-the-blobs-in-two",
        "two-neurons-one-line",
    }
    assert mistakes_in(entries, described) == []


def test_the_librarys_own_files_are_in_the_one_form() -> None:
    assert mistakes_of_form(read(CONTENT), CONTENT) == [], "run `flask --app wsgi library check --fix`"


@pytest.mark.parametrize(
    ("change", "key", "line", "words"),
    [
        (lambda text: text.replace("theme:", "topic:", 1), "theme", 2, "Field required"),
        (lambda text: text.replace("order: 1", "order: first", 1), "order", "order: first", "integer"),
        (lambda text: text.replace("order: 1", "order: 0", 1), "order", "order: 0", "greater than or equal to 1"),
        (
            lambda text: text.replace("at_least: 1.0", "more_than: 1.0", 1),
            "claims.0.more_than",
            "more_than",
            "Extra inputs",
        ),
        (lambda text: text.replace("    at_least: 1.0\n", "", 1), "claims.0", "- text", "exactly one of"),
        (
            lambda text: text.replace("    at_least: 1.0\n", "    at_least: .nan\n", 1),
            "claims.0.at_least",
            "at_least",
            "finite",
        ),
        (lambda text: text.replace("order: 1", "order: yes", 1), "order", "order: yes", "integer"),
        (lambda text: text.replace("title:", "title: [", 1), "theme", None, "expected"),
        (lambda text: text.replace("order: 1", "order: 1\ntheme: again", 1), "theme", "theme: again", "duplicate key"),
        (
            lambda text: text.replace("    at_least: 1.0", "    at_least: 12:30", 1),
            "claims.0.at_least",
            "at_least",
            "valid number",
        ),
        (
            lambda text: text.replace("theme: Symmetry and starts", "theme: 1e3", 1),
            "theme",
            "theme: 1e3",
            "is read as 1000.0 and not as a text: put it between double quotes",
        ),
        (
            lambda text: text.replace("theme: Symmetry and starts", "theme: 2\N{LINE SEPARATOR}3", 1),
            "theme",
            "theme:",
            "U+2028",
        ),
        (lambda text: text.replace("order: 1", "order: 1\nslug: a", 1), "slug", "slug: a", "does not stand here"),
        (lambda text: text.replace("order: 1", "order: 1\n7: a", 1), "7", "7: a", "Extra inputs"),
        (lambda _: "no front matter", "file", 1, "must begin with front matter"),
        (lambda _: "---\n- a\n- b\n---\ntext", "front matter", 2, "keys and values"),
    ],
)
def test_a_mistake_names_file_key_and_line(
    original: str, more: str, change: Callable[[str], str], key: str, line: int | str | None, words: str
) -> None:
    text = change(original)
    with pytest.raises(ContentError) as caught:
        parse("why-neurons-differ.md", text, more)
    mistake = next(each for each in caught.value.mistakes if each.key == key)
    assert mistake.file == "why-neurons-differ.md"
    assert words in mistake.message
    if isinstance(line, int):
        assert mistake.line == line
    elif line is not None:
        assert mistake.line == line_of(text, line)


@pytest.mark.parametrize(("length", "refused"), [(190, False), (191, True)])
def test_a_short_answer_that_does_not_fit_three_lines_is_refused(
    original: str, more: str, length: int, refused: bool
) -> None:
    number = "[81 %](finding:identical_share.zero)"  # What is not read is not counted.
    text = re.sub(r"short: >-\n(  .*\n)+", f"short: >-\n  {number} {'x' * (length - 5)}\n", original, count=1)
    told = pytest.raises(
        ContentError, match="the short answer has 191 characters, and at most 190 fit three lines beside the replay"
    )
    with told if refused else nullcontext():
        parse("a.md", text, more)


def test_two_entries_may_not_share_a_phrasing(folder: Path, original: str, more: str) -> None:
    (folder / "z.md").write_text(original, encoding="utf-8")
    (folder / "phrasings" / "z.txt").write_text(more.upper(), encoding="utf-8")
    (folder / "not-covered.txt").write_text("Really new?\nWHY ARENT ALL THE NEURONS IN ONE LAYER IDENTICAL\n", "utf-8")
    with pytest.raises(ContentError) as caught:
        read(folder)
    told = [str(mistake) for mistake in caught.value.mistakes]
    assert len(told) == len(parse("a.md", original, more).all_phrasings) + 1
    first = line_of(original, "phrasings:") + 1
    assert told[0].startswith(f"z.md:{first}: phrasings.0: ")
    assert told[0].endswith("also stands in why-neurons-differ.md")
    assert told[12].startswith(f"phrasings/z.txt:{line_of(more, 'why arent')}: phrasing: 'WHY ARENT")
    assert told[-1].startswith("not-covered.txt:2: phrasing: ")


def test_a_phrasing_stands_once_in_an_entry(original: str, more: str) -> None:
    model = parse("a.md", original, more).phrasings[3]
    with pytest.raises(ContentError) as caught:
        parse("a.md", original, f"{more}* {model.upper()}\n")
    (mistake,) = caught.value.mistakes
    assert (mistake.key, mistake.line) == ("phrasings.3", line_of(original, "phrasings:") + 4)
    assert "stands in phrasings/a.txt too" in mistake.message
    with pytest.raises(ContentError, match=r"a\.md:\d+: phrasings: .* stands twice"):
        parse("a.md", original.replace("phrasings:\n", f"phrasings:\n  - {model}\n", 1), more)


def test_an_entry_needs_many_phrasings_and_few_of_them_in_front(original: str, more: str) -> None:
    few = "\n".join(more.split("\n")[: 2 + FEWEST_PHRASINGS - 13])
    with pytest.raises(
        ContentError, match=rf"phrasings: there are {FEWEST_PHRASINGS - 1} together with phrasings/a\.txt"
    ):
        parse("a.md", original, few)
    much = "".join(f"  - Question {at}?\n" for at in range(MOST_MODELS))
    with pytest.raises(
        ContentError, match=rf"at most {MOST_MODELS} stand here; the others go into phrasings/SLUG\.txt"
    ):
        parse("a.md", original.replace("phrasings:\n", f"phrasings:\n{much}", 1), more)


def test_phrasings_of_no_entry_are_told(folder: Path) -> None:
    (folder / "phrasings" / "old.txt").write_text("why\n", encoding="utf-8")
    with pytest.raises(ContentError, match=r"phrasings/old\.txt:1: file: there is no entry old\.md"):
        read(folder)


def test_what_is_no_utf_8_is_told_with_its_line(folder: Path, more: str) -> None:
    (folder / "phrasings" / "why-neurons-differ.txt").write_bytes(more.encode() + b"\xff\n")
    line = more.count("\n") + 1
    with pytest.raises(ContentError, match=rf"phrasings/why-neurons-differ\.txt:{line}: file: is not UTF-8 text"):
        read(folder)


@pytest.mark.parametrize("file", ["why-neurons-differ.md", "phrasings/why-neurons-differ.txt"])
@pytest.mark.parametrize(
    "change",
    [
        lambda held: b"\xef\xbb\xbf" + held,
        lambda held: held.replace(b"\n", b"\r\n"),
        lambda held: held.replace(b"\n", b"\r"),
        lambda held: held.replace(b"---\n", b"--- \t\n") if held.startswith(b"---") else held.replace(b"?\n", b"? \n"),
        lambda held: held.rstrip(b"\n"),
    ],
    ids=["byte-order mark", "CRLF", "CR", "blanks", "no end"],
)
def test_other_forms_hold_the_same_and_are_mended(folder: Path, file: str, change: Callable[[bytes], bytes]) -> None:
    path, before = folder / file, read(folder)
    written = path.read_bytes()
    path.write_bytes(change(written))
    assert read(folder) == before
    (mistake,) = mistakes_of_form(before, folder)
    assert (mistake.file, mistake.key) == (file, "form")
    assert fix(before, folder) == [file]
    assert path.read_bytes() == written
    assert fix(before, folder) == []


def test_mending_a_file_keeps_its_remarks(folder: Path, original: str) -> None:
    path = folder / "why-neurons-differ.md"
    path.write_text(original.replace("order: 1\n", "# first\norder:   1  # beside\n", 1), encoding="utf-8")
    assert fix(read(folder), folder) == [path.name]
    assert path.read_text(encoding="utf-8") == original.replace("order: 1\n", "# first\n# beside\norder: 1\n", 1)
    assert mistakes_of_form(read(folder), folder) == []


def test_the_explanation_begins_soon() -> None:
    for entry in read(CONTENT):
        lines = (CONTENT / f"{entry.slug}.md").read_text(encoding="utf-8").split("\n")
        assert lines.index("---", 1) < 90
        assert 10 <= len(entry.phrasings) <= MOST_MODELS


def test_about_a_seventh_of_the_phrasings_is_held_out() -> None:
    corpus = content_corpus(CONTENT)
    assert corpus.can_be_fitted
    for texts in (*(topic.phrasings for topic in corpus.topics), corpus.not_covered):
        assert 0.1 < len(corpus.held_out & set(texts)) / len(texts) < 0.2


def test_an_experiment_stands_in_an_entry_once(original: str) -> None:
    text = original.replace("  - experiment: symmetry\n", "  - experiment: symmetry\n  - experiment: symmetry\n", 1)
    with pytest.raises(ContentError, match="'symmetry' stands twice"):
        parse("a.md", text)
