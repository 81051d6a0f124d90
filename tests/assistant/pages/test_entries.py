"""An entry, as programs read it."""

from flask import Flask
from flask.testing import FlaskClient

from assistant.library.queries import published_entry

SLUG = "why-a-neuron-splits-the-blobs-in-two"


def test_a_program_reads_an_entry_with_its_beliefs(app: Flask, client: FlaskClient) -> None:
    told = client.get(f"/api/entries/{SLUG}").get_json()
    with app.app_context():
        row = published_entry(SLUG)
        assert row is not None
        assert row.published is not None
        published = row.published
    assert (told["slug"], told["revision"], told["title"]) == (SLUG, 1, published.title)
    assert told["url"].endswith(f"/entries/{SLUG}")
    assert told["beliefs"] == [belief.to_json() for belief in published.beliefs]
    assert {belief["answer"] for belief in told["beliefs"]} == {"yes", "no", "partly"}
    assert told["claims"] == [claim.to_json() for claim in published.claims]
    assert told["experiments"] == [each.to_json() for each in published.experiments]


def test_an_unknown_entry_is_told_in_json(client: FlaskClient) -> None:
    answer = client.get("/api/entries/nothing")
    assert answer.status_code == 404
    assert answer.get_json() == {"error": "There is no entry at this address.", "status": 404}
