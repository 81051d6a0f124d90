"""What people often think: changed in the editor, and never lost there."""

import pytest
from flask import Flask

from assistant.library.beliefs import Belief
from tests.assistant.admin.conftest import Desk, form_in, stored
from tests.assistant.conftest import republish

pytestmark = pytest.mark.slow

SLUG = "why-a-neuron-splits-the-blobs-in-two"
EDIT = f"/admin/entries/{SLUG}/edit"
NEW = {
    "belief": "Everything is <as> I think.",
    "wordings": "So it is, right?\r\n\r\n  Is it true? ",
    "answer": "partly",
    "why": "Much of it is.",
    "claim": "complementary_share",
}


def typed(at: int, **changes: str) -> dict[str, str]:
    return {f"beliefs-{at}-{key}": value for key, value in (NEW | changes).items()}


def test_saving_something_else_keeps_them(app: Flask, bo: Desk) -> None:
    assert bo.save(SLUG, title="Why two and two?").status_code == 303
    draft, before = stored(app, SLUG)
    assert draft.title == "Why two and two?"
    assert draft.beliefs == before.beliefs
    assert draft.beliefs


def test_a_teacher_adds_changes_and_removes(app: Flask, bo: Desk) -> None:
    before = stored(app, SLUG)[0].beliefs
    assert bo.save(SLUG, **typed(len(before))).status_code == 303
    added = stored(app, SLUG)[0].beliefs
    assert added == (*before, Belief.model_validate(NEW | {"wordings": ["So it is, right?", "Is it true?"]}))
    emptied = dict.fromkeys(("belief", "wordings", "answer", "why", "claim"), "")
    assert bo.save(SLUG, **typed(0, **emptied)).status_code == 303
    assert stored(app, SLUG)[0].beliefs == added[1:]
    assert "What people often think" in bo.get(f"/admin/entries/{SLUG}/compare?before=1&after=3").text


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"answer": ""}, "answer", "Choose yes, no or partly."),
        ({"answer": "perhaps"}, "answer", "Choose yes, no or partly."),
        ({"claim": ""}, "claim", "Choose the claim that decides it."),
        ({"claim": "nothing"}, "claim", "A belief names a claim of its entry: one of complementary_share"),
        ({"belief": ""}, "belief", "missing"),
        ({"wordings": " \n"}, "wordings", "At least one other wording is needed."),
        ({"wordings": "long " * 80}, "wordings", "at most 300 are allowed"),
        ({"why": "not " * 31}, "why", "31 words are too many: this sentence may have at most 30."),
    ],
)
def test_what_is_wrong_is_told_at_its_field(
    app: Flask, bo: Desk, change: dict[str, str], field: str, words: str
) -> None:
    at = len(stored(app, SLUG)[0].beliefs)
    answer = bo.save(SLUG, **typed(at, **change))
    assert answer.status_code == 422
    problem = answer.text.partition(f'id="beliefs-{at}-{field}-problem"')[2].partition("</p>")[0]
    assert words in problem
    kept, sent = form_in(answer, EDIT), typed(at, **change)
    assert kept[f"beliefs-{at}-belief"] == sent[f"beliefs-{at}-belief"]
    assert kept[f"beliefs-{at}-why"] == sent[f"beliefs-{at}-why"]
    assert "Everything is &lt;as&gt; I think." in answer.text or field == "belief"
    assert len(stored(app, SLUG)) == 1


def test_what_stands_twice_is_told(app: Flask, bo: Desk) -> None:
    before = stored(app, SLUG)[0].beliefs
    twice = bo.save(SLUG, **typed(len(before), belief=before[0].wordings[0].upper()))
    assert twice.status_code == 422
    assert "twice" in twice.text
    own = Belief.model_validate(NEW | {"wordings": ["Another."], "claim": "gap.tiny_noise"})
    with app.app_context():
        republish("why-neurons-differ", beliefs=(own,))
    taken = bo.save(SLUG, **typed(len(before)))
    assert taken.status_code == 422
    problem = taken.text.partition(f'id="beliefs-{len(before)}-belief-problem"')[2].partition("</p>")[0]
    assert "stands with the entry why-neurons-differ already" in problem


def test_a_claim_that_settles_one_is_not_taken_away_unseen(app: Flask, bo: Desk) -> None:
    claims = stored(app, SLUG)[0].claims
    at = next(at for at, claim in enumerate(claims) if claim.finding == "complementary_share")
    answer = bo.save(SLUG, **{f"claims-{at}-{key}": "" for key in ("text", "finding", "value", "upper")})
    assert answer.status_code == 422
    assert "none is about &#39;complementary_share&#39;" in answer.text
    assert ">complementary_share: is no claim of this entry</option>" in answer.text


def test_who_saves_second_gets_both(app: Flask, bo: Desk, ada: Desk) -> None:
    opened = bo.get(EDIT)
    at = len(stored(app, SLUG)[0].beliefs)
    assert ada.save(SLUG, **typed(at)).status_code == 303
    answer = bo.send(opened, EDIT, title="By Bo?", reason="To see.")
    assert answer.status_code == 409
    again = form_in(answer, EDIT)
    assert (again["title"], again[f"beliefs-{at}-belief"]) == ("By Bo?", NEW["belief"])
    assert bo.send(answer, EDIT).status_code == 303
    assert len(stored(app, SLUG)[0].beliefs) == at + 1
