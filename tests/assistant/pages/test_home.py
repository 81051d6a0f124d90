"""The home page: its tab names what is asked."""

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
