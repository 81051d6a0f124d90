"""What learners guess first: changed in the editor, and shown on an entry's page."""

import pytest
from flask import Flask

from assistant.library.predictions import Prediction
from tests.assistant.admin.conftest import SLUG, Desk, stored

pytestmark = pytest.mark.slow


def test_a_teacher_changes_what_is_guessed(app: Flask, bo: Desk) -> None:
    question = "Of 64 networks, how many end identical?"
    typed = {"predict.question": question, "predict.finding": "identical_share.glorot", "predict.complement": ""}
    assert bo.save(**typed).status_code == 303
    draft, before = stored(app)
    assert draft.predict == Prediction(question=question, finding="identical_share.glorot")
    assert before.predict not in {None, draft.predict}
    assert bo.save(**{"predict.question": "", "predict.finding": ""}).status_code == 303
    assert stored(app)[0].predict is None
    compared = bo.get(f"/admin/entries/{SLUG}/compare?before=1&after=3").text
    assert "Guess first" in compared


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"predict.question": ""}, "predict.question", "The question is missing."),
        ({"predict.finding": ""}, "predict.finding", "The finding is missing."),
        ({"predict.finding": "accuracy.constant"}, "predict.finding", "Only a share can be guessed"),
        ({"predict.finding": "nothing"}, "predict.finding", "The main experiment reports no"),
        ({"predict.question": "How many? " * 40}, "predict.question", "at most 300 are allowed"),
    ],
)
def test_what_cannot_be_guessed_is_told_at_its_field(
    app: Flask, bo: Desk, typed: dict[str, str], field: str, words: str
) -> None:
    answer = bo.save(**typed)
    assert answer.status_code == 422
    problem = answer.text.partition(f'id="{field}-problem"')[2].partition("</p>")[0]
    assert words in problem
    assert len(stored(app)) == 1


def test_an_entrys_page_shows_what_learners_guess(app: Flask, bo: Desk) -> None:
    page = f"/admin/entries/{SLUG}"
    assert "Nobody has guessed yet." in bo.get(page).text
    for guess in ("10", "10", "40"):
        assert bo.client.post(f"/entries/{SLUG}/guesses", data={"guess": guess}).status_code == 303
    shown = bo.get(page).text
    assert "3 guesses so far, above the ticks: the median is 10" in shown
    assert '<th scope="row">40 of 64</th><td>1</td>' in shown
    assert len(stored(app)) == 1
