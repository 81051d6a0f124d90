"""Content files: every mistake names its file, key and line; import and export."""

from collections.abc import Callable
from pathlib import Path

import pytest

from assistant import create_app
from assistant.library.claims import Claim
from assistant.library.configurations import Configuration
from assistant.library.content_files import content_corpus, fix, mistakes_of_form, parse, read
from assistant.library.entries import FEWEST_PHRASINGS, MOST_MODELS, Entry, check
from assistant.library.mistakes import ContentError
from models import registry
from tests.assistant.library.conftest import with_changes
from tests.conftest import ROOT, settings_in

pytestmark = pytest.mark.slow

CONTENT = ROOT / "content"


@pytest.fixture(scope="session")
def original() -> str:
    """The text of a sound entry."""
    return (CONTENT / "why-neurons-differ.md").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def more() -> str:
    """The text of the file of its phrasings."""
    return (CONTENT / "phrasings" / "why-neurons-differ.txt").read_text(encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path, original: str, more: str) -> Path:
    """A folder with one entry."""
    (tmp_path / "phrasings").mkdir()
    (tmp_path / "why-neurons-differ.md").write_text(original, encoding="utf-8")
    (tmp_path / "phrasings" / "why-neurons-differ.txt").write_text(more, encoding="utf-8")
    return tmp_path


@pytest.fixture(scope="session")
def described() -> dict[str, dict[str, object]]:
    """What the library's checks know of the experiments."""
    return {name: registry.describe(name) for name in registry.names()}


def line_of(text: str, beginning: str) -> int:
    """Return the line, from 1, that begins so."""
    return next(at for at, line in enumerate(text.splitlines(), 1) if line.strip().startswith(beginning))


def test_the_librarys_own_entries_have_no_mistakes(described: dict[str, dict[str, object]]) -> None:
    entries = read(CONTENT)
    assert {entry.slug for entry in entries} >= {
        "why-neurons-differ",
        "same-features-different-neurons",
        "why-a-neuron-splits-the-blobs-in-two",
        "two-neurons-one-line",
    }
    assert check(entries, described) == []


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


def test_a_short_answer_that_does_not_fit_a_card_is_refused(original: str, more: str) -> None:
    text = original.replace("short: >-", "short: >-\n  " + "word " * 61, 1)
    with pytest.raises(ContentError, match="at most 60 fit"):
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
    with pytest.raises(ContentError, match=r"a\.md:\d+: phrasings: holds .* twice"):
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


def test_checks_against_the_experiments_find_what_a_file_alone_cannot_show(
    described: dict[str, dict[str, object]],
) -> None:
    first = read(CONTENT)[0]
    main = first.main
    own = tuple(claim for claim in first.claims if claim.experiment is None)
    entry = with_changes(first, experiments=(main,), claims=own, beliefs=())
    other = Configuration(experiment="width", hyperparameters={"steps": 0})

    def claiming(**values: object) -> Entry:
        return with_changes(entry, claims=(entry.claims[0].model_copy(update=values),))

    wrong = {
        "experiments.0.experiment": with_changes(entry, experiments=(Configuration(experiment="nope"),)),
        "experiments.0.hyperparameters": with_changes(
            entry, experiments=(Configuration(experiment="symmetry", hyperparameters={"stepz": 5}),)
        ),
        "experiments.1.hyperparameters": with_changes(entry, experiments=(main, other)),
        "claims.0.finding": claiming(finding="no_such_finding"),
        "claims.0.experiment": claiming(experiment="width"),
        "claims.0.at_least": claiming(at_least=95.0),
        "claims.0.control": claiming(control="gap.constant"),
        "explanation": with_changes(entry, explanation="See [that](no-such-entry)."),
    }
    linking = [mistake for mistake in check([entry], described) if mistake.key != "explanation"]
    assert linking == []
    for key, each in wrong.items():
        found = {mistake.key for mistake in check([each], described)}
        assert key in found
        assert found <= {key, "explanation"}


def test_a_claim_about_another_experiment_is_checked_against_its_findings(
    described: dict[str, dict[str, object]],
) -> None:
    entry = with_changes(read(CONTENT)[0], beliefs=())
    claim = Claim(text="Ten are enough.", finding="success.xor.10", experiment="width", at_least=0.5)
    both = (*entry.experiments, Configuration(experiment="width"))
    slugs = [each.slug for each in read(CONTENT)]
    assert check([with_changes(entry, experiments=both, claims=(claim,))], described, slugs) == []
    wrong = claim.model_copy(update={"finding": "gap.constant"})
    (mistake,) = check([with_changes(entry, experiments=both, claims=(wrong,))], described, slugs)
    assert mistake.key == "claims.0.finding"
    assert "success.xor.<h>" in mistake.message


@pytest.mark.parametrize("entry", read(CONTENT), ids=lambda entry: entry.slug)
def test_every_claim_that_is_no_theorem_has_a_control_and_every_entry_four_of_them(entry: Entry) -> None:
    can_fail = [claim for claim in entry.claims if not claim.theorem]
    assert len(can_fail) >= 4
    assert [claim.text for claim in can_fail if claim.control is None] == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("![](figure:wal)", "no figure 'wal' is drawn: one of ladder, identical, wall"),
        ("![](figure:width/spare)", "is of an experiment that is none of this entry's"),
        ("Words ![](figure:wall) around.", "'wall' must stand alone between empty lines"),
        ("![](figure:wall)\n\n![](figure:wall)", "'wall' stands twice"),
    ],
)
def test_a_figure_that_cannot_be_placed_is_named(described: dict[str, dict[str, object]], text: str, told: str) -> None:
    entry = with_changes(read(CONTENT)[0], explanation=text)
    (mistake,) = check([entry], described)
    assert mistake.key == "explanation"
    assert told in mistake.message
    nothing_known = {name: {**each, "figures": []} for name, each in described.items()}
    assert [each for each in check([entry], nothing_known) if "is drawn" in each.message] == []


def test_a_figure_of_a_further_experiment_is_placed_by_both_names(described: dict[str, dict[str, object]]) -> None:
    entry = read(CONTENT)[0]
    both = (*entry.experiments, Configuration(experiment="width"))
    assert check([with_changes(entry, experiments=both, explanation="![](figure:width/spare)")], described) == []


def test_an_experiment_stands_in_an_entry_once(original: str) -> None:
    text = original.replace("  - experiment: symmetry\n", "  - experiment: symmetry\n  - experiment: symmetry\n", 1)
    with pytest.raises(ContentError, match="holds 'symmetry' twice"):
        parse("a.md", text)


def test_the_check_command_names_file_key_and_line(data_dir: Path, folder: Path, original: str) -> None:
    text = original.replace("finding: gap.tiny_noise", "finding: no_such_finding", 1) + "\nSee [that](no-such-entry).\n"
    (folder / "why-neurons-differ.md").write_text(text, encoding="utf-8")
    app = create_app(settings_in(data_dir, content_dir=folder))
    result = app.test_cli_runner().invoke(args=["library", "check"])
    assert result.exit_code == 1
    line = line_of(text, "finding: no_such_finding")
    assert (
        f"why-neurons-differ.md:{line}: claims.3.finding: the experiment reports no 'no_such_finding'" in result.output
    )
    assert "explanation: links to 'no-such-entry'" in result.output


def test_a_number_of_an_unknown_finding_is_named_with_its_line(data_dir: Path, folder: Path, original: str) -> None:
    front, body = original.rsplit("---\n", 1)
    front = front.replace("short: >-\n", "short: >-\n  About [84 %](finding:nothing) do.\n", 1)
    text = f"{front}---\n{body}\nAbout [84 %](finding:no_such_finding),\nor [0.84](finding:identical_share.glorot).\n"
    (folder / "why-neurons-differ.md").write_text(text, encoding="utf-8")
    app = create_app(settings_in(data_dir, content_dir=folder))
    result = app.test_cli_runner().invoke(args=["library", "check"])
    assert result.exit_code == 1
    lines = (line_of(text, each) for each in ("short:", "About [84 %](finding:no_such", "or [0.84]"))
    told = zip(
        lines,
        (
            "short: [84 %]: the experiment reports no 'nothing'",
            "explanation: [84 %]: the experiment reports no 'no_such_finding'",
            "explanation: [0.84]: '0.84' is no share: write it as 84 %, 53 of 64",
        ),
        strict=True,
    )
    missing = [
        f"{line}: {words}" for line, words in told if f"why-neurons-differ.md:{line}: {words}" not in result.output
    ]
    assert missing == []
