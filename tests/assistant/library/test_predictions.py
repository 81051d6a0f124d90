"""What readers guess: which findings can be guessed, in content files and back."""

import pytest
from flask import Flask

from assistant.database import writing
from assistant.library import queries
from assistant.library.claims import Claim
from assistant.library.content.canonical import text_of
from assistant.library.content.content_files import locate, parse, read
from assistant.library.differences import differences
from assistant.library.entries import mistakes_in
from assistant.library.findings import Finding
from assistant.library.predictions import Prediction, misfits
from assistant.library.revisions import draft_of
from models import registry
from tests.assistant.conftest import ENTRY, republish
from tests.conftest import ROOT

CONTENT = ROOT / "content"
DECLARED = {
    "right": {"kind": "share", "label": "networks that are right"},
    "right.<rate>": {"kind": "share", "label": "networks that are right at {rate}"},
    "late": {"kind": "share", "label": "of the networks that are wrong: those that get there later"},
    "loss": {"kind": "quantity", "label": "loss", "unit": "nats"},
}
QUESTION = "Of 64 networks, how many are right?"


@pytest.mark.parametrize("finding", ["right", "right.0.1"])
def test_a_share_of_all_networks_can_be_guessed(finding: str) -> None:
    assert list(misfits(Prediction(question=QUESTION, finding=finding), DECLARED, ())) == []


@pytest.mark.parametrize(
    ("finding", "words"),
    [
        ("wrong", "the main experiment reports no 'wrong': choose one of right,"),
        ("loss", "only a share can be guessed, and loss is a quantity"),
        ("late", "is a share of some networks"),
    ],
)
def test_what_cannot_be_guessed_is_refused(finding: str, words: str) -> None:
    ((key, message),) = misfits(Prediction(question=QUESTION, finding=finding), DECLARED, ())
    assert key == "finding"
    assert words in message


def test_a_theorem_is_not_guessed() -> None:
    predict = Prediction(question=QUESTION, finding="right")
    claim = Claim(text="All are.", finding="right", at_least=1.0, theorem=True)
    assert [key for key, _ in misfits(predict, DECLARED, [claim])] == ["finding"]
    assert list(misfits(predict, DECLARED, [claim.model_copy(update={"theorem": False})])) == []


def test_a_run_answers_by_its_finding_or_by_the_rest() -> None:
    counted = Finding(kind="share", label="networks that are right", value=0.25, count=16, of=64)
    asked = Prediction(question=QUESTION, finding="right")
    assert asked.answered_by({"right": counted}) == counted
    assert asked.answered_by({}) is None
    rest = asked.model_copy(update={"complement": True}).answered_by({"right": counted})
    assert rest is not None
    assert (rest.count, rest.of) == (48, 64)


def test_every_entry_of_the_library_asks_first() -> None:
    assert [entry.slug for entry in read(CONTENT) if entry.predict is None] == []


def test_a_mistake_is_told_with_its_line_and_key() -> None:
    text = (CONTENT / f"{ENTRY}.md").read_text(encoding="utf-8")
    more = (CONTENT / "phrasings" / f"{ENTRY}.txt").read_text(encoding="utf-8")
    entry = parse(f"{ENTRY}.md", text, more)
    assert entry.predict is not None
    wrong = entry.model_copy(update={"predict": entry.predict.model_copy(update={"finding": "accuracy.constant"})})
    others = [each.slug for each in read(CONTENT)]
    (mistake,) = mistakes_in([wrong], {name: registry.describe(name) for name in registry.names()}, others)
    found = locate(mistake, CONTENT)
    assert str(found).startswith(f"{ENTRY}.md:{_line(text, '  finding: ' + entry.predict.finding)}: predict.finding: ")
    assert "only a share" in found.message


def _line(text: str, whole: str) -> int:
    """Return the line, from 1, that is so, below the claims."""
    lines = text.splitlines()
    return lines.index(whole, lines.index("predict:")) + 1


def test_a_revision_keeps_it_and_gives_it_back(app: Flask) -> None:
    text = (CONTENT / f"{ENTRY}.md").read_text(encoding="utf-8")
    with app.app_context():
        row = queries.published_entry(ENTRY)
        assert row is not None
        assert row.published is not None
        before = queries.content_of(row.published)
        phrasings = parse(f"{ENTRY}.md", text, (CONTENT / "phrasings" / f"{ENTRY}.txt").read_text()).phrasings
        assert text_of(draft_of(ENTRY, row.published), phrasings) == text
        republish(ENTRY, predict=Prediction(question="How many: all?", finding="identical_share.glorot"))
        after = queries.content_of(row.published)
        (difference,) = differences(before, after)
        assert difference.name == "Guess first"
        changed = text_of(draft_of(ENTRY, row.published), phrasings)
        assert '  question: "How many: all?"\n  finding: identical_share.glorot\n' in changed
        republish(ENTRY, predict=None)
        assert "\npredict:" not in text_of(draft_of(ENTRY, row.published), phrasings)
        with writing():
            assert queries.plain(queries.content_of(row.published))["predict"] is None
