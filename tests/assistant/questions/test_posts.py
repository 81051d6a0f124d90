"""Posts that ask several things: each has an answer, a run and an address of its own; real SQLite and real vectors."""

from flask import Flask
from flask.testing import FlaskClient

from assistant.database import db
from assistant.questions import queries
from assistant.questions.queries import REDACTED
from assistant.questions.tables import QuestionRow
from assistant.runs.tables import RunRow

FIRST = "If every neuron gets the same data, why do they not all come out the same?"
SECOND = "What happens when the learning rate is too large?"
POST = f"""Hello! {FIRST}

model = Sequential([Dense(2)])  # <b>
Also: {SECOND} Thanks"""


def test_each_part_is_answered_in_the_order_of_asking(app: Flask, client: FlaskClient) -> None:
    told = client.post("/api/questions", json={"question": POST})
    assert told.status_code == 201
    body = told.get_json()
    entries = ["why-neurons-differ", "what-the-learning-rate-changes"]
    assert [each["entry"] for each in body["parts"]] == entries
    assert body["entry"] == entries[0]
    assert len({each["run_url"] for each in body["parts"]}) == 2
    with app.app_context():
        assert db.session.query(RunRow).count() == 2
        row = db.session.query(QuestionRow).filter_by(part_of_id=None).one()
        assert (row.post, row.text) == (POST, FIRST)
        (other,) = row.parts
        assert (other.position, other.post) == (1, None)

    page = client.get(body["question_url"]).text
    assert "Your post asks 2 things" in page
    assert "model = Sequential([Dense(2)])  # &lt;b&gt;\nAlso" in page  # with its line breaks, and as text
    assert f"/embed/runs/{body['parts'][1]['run_url'].rpartition('/')[2]}" in page
    page = client.get(body["parts"][1]["question_url"]).text
    assert "The whole post" in page
    assert "What the learning rate" in page or "learning rate" in page


def test_a_question_of_one_thing_is_its_only_part(client: FlaskClient) -> None:
    body = client.post("/api/questions", json={"question": FIRST}).get_json()
    (part,) = body["parts"]
    assert part["entry"] == body["entry"] == "why-neurons-differ"
    assert part["question_url"] == body["question_url"]
    assert "Your post asks" not in client.get(body["question_url"]).text


def test_what_is_redacted_is_gone_from_all_parts(app: Flask, client: FlaskClient) -> None:
    client.post("/api/questions", json={"question": POST})
    with app.app_context():
        part = db.session.query(QuestionRow).filter(QuestionRow.part_of_id.is_not(None)).one()
        queries.redact(part)
        db.session.commit()
        rows = db.session.query(QuestionRow).all()
        assert {(row.text, row.post) for row in rows} == {(REDACTED, None)}


def test_more_than_can_be_read_is_told(client: FlaskClient) -> None:
    text = " ".join(f"Why is the loss of network {n} so large?" for n in range(30))
    body = client.post("/api/questions", json={"question": text}).get_json()
    assert "The other 22 were not read" in client.get(body["question_url"]).text


def test_a_question_keeps_what_it_follows(app: Flask, client: FlaskClient) -> None:
    before = client.post("/api/questions", json={"question": FIRST}).get_json()["question_url"]
    after = client.post("/api/questions", json={"question": SECOND, "follows": before}).get_json()["question_url"]
    assert "It follows" in client.get(after).text
    with app.app_context():
        row = db.session.get(QuestionRow, after.rpartition("/")[2])
        assert row is not None
        assert row.follows_id == before.rpartition("/")[2]
    for wrong, status in (("nothing", 422), (3, 422)):
        assert client.post("/api/questions", json={"question": SECOND, "follows": wrong}).status_code == status
    assert client.post("/questions", data={"question": SECOND, "follows": "nothing"}).status_code == 422
