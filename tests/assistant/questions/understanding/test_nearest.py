"""The paragraph that is nearest to a question is marked on the question's page, and offered; real vectors decide."""

import re

import pytest
from flask.testing import FlaskClient

from assistant.library.texts.markdown import paragraphs_of, render, with_opening
from assistant.matching.meaning.encoder import Encoder
from assistant.questions.understanding.nearest import leads_elsewhere
from tests.assistant.matching.conftest import encoder

__all__ = ["encoder"]

NEAR = "Does doubling the data set mean that I may halve lambda?"
NEAR_NONE = "Why do we have to start from random weights and not just from zeros?"
LINK = "The paragraph nearest to your question"
TEXT = """First words.

![](figure:wall)

* a tight list
* of two

## A heading

Second, with $a < b$.

> Third, quoted.
"""


def test_paragraphs_stand_where_they_are_rendered() -> None:
    assert paragraphs_of(TEXT) == ("First words.", "Second, with $a < b$.", "Third, quoted.")
    html = render(TEXT)
    for at, begins in enumerate(("First", "Second", "Third")):
        assert f"<p class=x>{begins}" in with_opening(html, at, "<p class=x>")
        assert with_opening(html, at, "<p class=x>").count("<p") == 3
    assert with_opening(html, 3, "<p class=x>") == html


@pytest.mark.parametrize(
    ("paragraph", "leads"),
    [
        ("Whether it helps is told [with dropout](dropout). Why it is lower is [another question](lower).", True),
        ("Smaller weights help, as [their entry](weights) shows.", True),
        ("Smaller weights help. How is told [there](weights).", False),
        ("In [84 %](finding:share) of the networks it rises.", False),
        ("A list without an end", False),
    ],
)
def test_a_paragraph_with_a_link_for_each_sentence_leads_elsewhere(paragraph: str, leads: bool) -> None:
    assert leads_elsewhere(paragraph) is leads


def _page(client: FlaskClient, question: str) -> str:
    told = client.post("/api/questions", json={"question": question}).get_json()
    assert told["entry"], question
    return client.get(told["question_url"]).text


def test_the_nearest_paragraph_is_marked_and_offered(client: FlaskClient, encoder: Encoder) -> None:
    del encoder  # tells whether the weights are there
    page = _page(client, NEAR)
    assert page.index(LINK) < page.index('id="nearest"')
    (marked,) = re.findall(r'<p id="nearest"[^>]*>(.*?)</p>', page, re.DOTALL)
    assert marked.startswith('<span class="visually-hidden">Nearest to your question: </span>')
    assert "To choose lambda" in marked


def test_nothing_is_marked_where_no_paragraph_is_clearly_nearer(client: FlaskClient) -> None:
    page = _page(client, NEAR_NONE)
    assert LINK not in page
    assert 'id="nearest"' not in page


def test_an_entry_that_nobody_asked_marks_nothing(client: FlaskClient) -> None:
    assert LINK not in client.get("/entries/what-a-penalty-on-weights-does").text
