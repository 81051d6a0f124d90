"""Beliefs: what a file of them may hold, the claims that settle them, and the way in and out."""

from pathlib import Path

import pytest
from flask import Flask

from assistant.database import db
from assistant.library import queries, revisions
from assistant.library.beliefs import ANSWERS, MOST_WORDS, Belief, file_of, misfits, reference_of, repeats, settling
from assistant.library.beliefs import read as read_beliefs
from assistant.library.claims import Claim
from assistant.library.content.content_files import fix, mistakes_of_form, read
from assistant.library.content.mistakes import ContentError
from assistant.library.differences import differences
from assistant.library.entries import Entry
from tests.assistant.conftest import republish
from tests.assistant.library.conftest import Run
from tests.conftest import ROOT

pytestmark = pytest.mark.slow

CONTENT = ROOT / "content"
SLUG = "why-a-neuron-splits-the-blobs-in-two"
NAME = file_of(SLUG)
OTHER = "why-neurons-differ"
TEXT = (CONTENT / NAME).read_text(encoding="utf-8")
FIRST = Belief(belief="It is so.", wordings=("It is, right?",), answer="no", why="It is not.", claim="share")
OWN = Claim(text="All are.", finding="share", at_least=0.9)
FURTHER = Claim(text="Some are.", finding="share", at_least=0.5, experiment="bias")


ONE = """\
- belief: It is so.
  wordings:
    - It is, right?
  answer: no
  why: It is not.
  claim: share
"""


@pytest.mark.parametrize(
    ("before", "after", "line", "key", "words"),
    [
        ("answer: no", "answer: maybe", 4, "beliefs.0.answer", "'yes', 'no' or 'partly'"),
        ("answer: no", "answer: false", 4, "beliefs.0.answer", "'yes', 'no' or 'partly'"),
        ("  answer: no\n", "", 1, "beliefs.0.answer", "Field required"),
        ("  claim", "  clam: a\n  claim", 6, "beliefs.0.clam", "Extra inputs"),
        ("    - It is, right?\n", "    []\n", 2, "beliefs.0.wordings", "at least 1 item"),
        ("- It is, right?", "- 7", 3, "beliefs.0.wordings.0", "is read as 7 and not as a text"),
        (
            "- It is, right?",
            "- IT IS SO.",
            3,
            "beliefs.0.wordings.0",
            f"stands twice, first at {NAME} beliefs.0.belief",
        ),
        ("why: It is not.", "why: " + "not " * (MOST_WORDS + 1), 5, "beliefs.0.why", "31 words are too many"),
        ("- belief: It is so.", "belief: It is so.", 2, "belief", "mapping values"),
        ("- belief: It is so.", "- belief: It is: so.", 1, "beliefs", "mapping values are not allowed here"),
        (ONE, "belief: It is so.\n", 1, "beliefs", "must be a list, each with belief, wordings, answer, why, claim"),
        (ONE, "- It is so.\n", 1, "beliefs.0", "valid dictionary or instance of Belief"),
    ],
)
def test_a_mistake_names_file_line_and_key(before: str, after: str, line: int, key: str, words: str) -> None:
    with pytest.raises(ContentError) as caught:
        read_beliefs(NAME, ONE.replace(before, after, 1))
    mistake = caught.value.mistakes[0]
    assert (mistake.file, mistake.key) == (NAME, key)
    assert words in mistake.message
    assert mistake.line == line


def test_a_file_may_hold_none_yet() -> None:
    assert read_beliefs(NAME, "# To come.\n") == ()
    assert read_beliefs(NAME, ONE) == (FIRST,)


def test_a_belief_names_a_claim_by_its_finding_and_of_a_further_experiment_by_both() -> None:
    claims = (FURTHER, OWN)
    assert [reference_of(claim) for claim in claims] == ["bias/share", "share"]
    assert settling(FIRST, claims, "main") == OWN
    assert settling(FIRST.model_copy(update={"claim": "bias/share"}), claims, "main") == FURTHER
    assert settling(FIRST.model_copy(update={"claim": "main/share"}), claims, "main") == OWN
    assert settling(FIRST.model_copy(update={"claim": "width/share"}), claims, "main") is None
    assert list(misfits([FIRST], claims, "main")) == []
    ((key, message),) = misfits([FIRST], [FURTHER], "main")
    assert key == "0.claim"
    assert message == "a belief names a claim of its entry: one of bias/share; none is about 'share'"
    ((_, message),) = misfits([FIRST], [], "main")
    assert "which has none" in message


def test_what_stands_twice_is_found_across_entries_and_without_regard_to_case() -> None:
    again = FIRST.model_copy(update={"belief": "Another.", "wordings": ("It IS so.",)})
    (repeat,) = repeats([("a", [FIRST]), ("b", [again])])
    assert (repeat.name, repeat.place, repeat.first) == ("b", (0, "wordings", 0), "a beliefs.0.belief")


@pytest.mark.parametrize("entry", read(CONTENT), ids=lambda entry: entry.slug)
def test_every_entry_of_the_library_has_six_in_several_wordings_of_each_answer(entry: Entry) -> None:
    assert len(entry.beliefs) >= 6
    assert {each.answer for each in entry.beliefs} == set(ANSWERS)
    assert [each.belief for each in entry.beliefs if len(each.wordings) < 3] == []
    assert list(misfits(entry.beliefs, entry.claims, entry.main.experiment)) == []


def refused(run: Run) -> str:
    """Return what check and import say of mistakes, which both have to tell."""
    told = [run(command) for command in ("check", "import")]
    assert [each.exit_code for each in told] == [1, 1]
    assert told[0].output == told[1].output
    return told[0].output


def test_check_and_import_refuse_what_a_file_alone_cannot_show(run: Run, content: Path) -> None:
    file = content / NAME
    file.write_text(TEXT.replace("claim: pattern.023|123", "claim: pattern.023", 1), encoding="utf-8")
    line = TEXT[: TEXT.index("claim: pattern.023|123")].count("\n") + 1
    assert f"{NAME}:{line}: beliefs.1.claim: a belief names a claim of its entry: one of" in refused(run)
    file.write_text(TEXT, encoding="utf-8")
    (content / file_of(OTHER)).write_text(ONE.replace("share", "gap.tiny_noise").replace("It is so.", "No."), "utf-8")
    assert run("check").exit_code == 0
    (content / file_of(OTHER)).write_text(TEXT.partition("- belief: Training ends")[0], encoding="utf-8")
    told = refused(run)
    assert f"beliefs/{OTHER}.yaml:1: beliefs.0.belief: 'The error is simply" in told or f"{NAME}:1:" in told
    assert "stands twice, first at" in told


def test_a_file_of_no_entry_and_what_is_no_utf_8_are_told(run: Run, content: Path) -> None:
    (content / "beliefs" / "old.yaml").write_text(ONE, encoding="utf-8")
    (content / "beliefs" / f"{SLUG}.txt").write_text("", encoding="utf-8")
    told = refused(run)
    assert "beliefs/old.yaml:1: file: there is no entry old.md" in told
    assert f"beliefs/{SLUG}.txt:1: file: " in told
    (content / NAME).write_bytes(TEXT.encode() + b"\xff\n")
    assert f"{NAME}:{TEXT.count(chr(10)) + 1}: file: is not UTF-8 text" in refused(run)


def test_files_have_one_form_and_keep_their_remarks(content: Path) -> None:
    file, before = content / NAME, read(content)
    file.write_text("# Ours.\n" + TEXT.replace("answer: no", "'answer': \"no\" # sure", 1), encoding="utf-8")
    assert read(content) == before
    (mistake,) = mistakes_of_form(before, content)
    assert (mistake.file, mistake.key) == (NAME, "form")
    assert fix(before, content) == [NAME]
    assert file.read_text(encoding="utf-8") == "# Ours.\n" + TEXT.replace("  answer:", "  # sure\n  answer:", 1)


def test_export_after_import_gives_the_same_bytes(run: Run, content: Path, tmp_path: Path) -> None:
    file = content / NAME
    changed = "# Ours.\n" + TEXT.replace("answer: partly", "answer: yes", 1)
    file.write_text(changed, encoding="utf-8")
    told = run("import")
    assert told.exit_code == 0, told.output
    assert f"imported {SLUG}\n" in told.output
    assert run("export", tmp_path / "out").exit_code == 0
    assert (tmp_path / "out" / NAME).read_text(encoding="utf-8") == changed
    assert run("export", content).output == ""


def test_a_revision_keeps_them_and_gives_them_back(run: Run, site: Flask, content: Path) -> None:
    with site.app_context():
        row = revisions.require_entry(SLUG)
        assert row.published is not None
        before = queries.content_of(row.published)
        kept = row.published.beliefs
        republish(SLUG, beliefs=(*kept[1:], FIRST.model_copy(update={"claim": "complementary_share"})))
        (difference,) = differences(before, queries.content_of(row.published))
        assert difference.name == "What people often think"
        assert queries.plain(queries.content_of(row.published))["beliefs"][-1]["belief"] == "It is so."
        db.session.commit()
    assert run("export", content).output == f"exported {SLUG}\n"
    assert (content / NAME).read_text(encoding="utf-8").endswith(ONE.replace(": share", ": complementary_share"))
    with site.app_context():
        republish(SLUG, beliefs=())
        db.session.commit()
    run("export", content)
    assert (content / NAME).read_text(encoding="utf-8") == ""
    assert run("check").exit_code == 0


def test_an_edit_on_both_sides_is_shown_and_overwrites_nothing(run: Run, site: Flask, content: Path) -> None:
    with site.app_context():
        republish(SLUG, title="By Ada?")
        db.session.commit()
    (content / NAME).write_text(TEXT.replace("answer: partly", "answer: yes", 1), encoding="utf-8")
    told = run("import")
    assert told.exit_code == 1
    assert "-  answer: partly\n+  answer: yes\n" in told.output
    with site.app_context():
        row = revisions.require_entry(SLUG)
        assert row.published is not None
        assert row.published.title == "By Ada?"
