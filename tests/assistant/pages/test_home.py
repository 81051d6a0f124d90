"""The home page: its tab names what is asked."""

import re
from itertools import groupby

from flask.testing import FlaskClient


def test_the_tab_names_the_question_that_is_looked_up(client: FlaskClient) -> None:
    assert "<title>Askneuron</title>" in client.get("/").text
    page = client.get("/", query_string={"q": "Why <b>two</b> lines?"}).text
    assert "<title>Why &lt;b&gt;two&lt;/b&gt; lines? – Askneuron</title>" in page


def test_what_is_looked_up_can_be_chosen_without_javascript(client: FlaskClient) -> None:
    page = client.get("/", query_string={"q": "Why do the neurons of a layer do what they do?"}).text
    form = page.partition('class="would"')[2].partition("</form>")[0]
    assert 'name="question" value="Why do the neurons of a layer do what they do?"' in form
    assert form.count('name="entry"') == 3


def test_the_questions_of_a_theme_stand_together_as_on_the_page_of_all(client: FlaskClient) -> None:
    themes = re.findall(r'<span class="theme">([^<]+)</span>', client.get("/").text)
    assert len(set(themes)) > 5
    assert [theme for theme, _ in groupby(themes)] == list(dict.fromkeys(themes))
    assert [
        title for title in re.findall(r"<h2[^>]*>([^<]+)</h2>", client.get("/entries").text) if title in themes
    ] == [theme for theme, _ in groupby(themes)]
