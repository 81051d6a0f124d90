"""The run that the home page plays."""

from collections.abc import Callable

from flask.testing import FlaskClient

from assistant.database import db, writing
from assistant.library import queries as library
from assistant.runs.tables import ReplayRow, RunRow

Store = Callable[..., RunRow]


def store(client: FlaskClient, finished_run: Store, run_id: str, entry: int, *, watchable: bool = True) -> str:
    """Store a run of the entry that is the so-manyth in the library's order, and return the entry's title."""
    with client.application.app_context():
        row = library.published_entries()[entry]
        assert row.published is not None
        finished_run(run_id, entry_id=row.id, experiment=row.published.experiment)
        if watchable:
            with writing():
                db.session.add(ReplayRow(run_id=run_id, recording=b"", scripts=b""))
        return row.published.title


def home(client: FlaskClient) -> str:
    return client.get("/").text


def test_it_is_the_first_entrys_that_can_be_watched(client: FlaskClient, finished_run: Store) -> None:
    assert "<replay-player" not in home(client)
    store(client, finished_run, "third", 2)
    assert 'src="/api/runs/third/replay"' in home(client)
    title = store(client, finished_run, "second", 1)
    page = home(client)
    assert 'src="/api/runs/second/replay"' in page
    assert title in page
    store(client, finished_run, "unrecorded", 0, watchable=False)
    assert 'src="/api/runs/second/replay"' in home(client)


def test_the_page_looks_for_one_until_there_is_one(client: FlaskClient, finished_run: Store) -> None:
    looking = 'hx-trigger="every 3s"'
    assert looking in home(client)
    store(client, finished_run, "first", 0)
    assert looking not in home(client)


def test_a_question_that_is_refused_leaves_it_there(client: FlaskClient, finished_run: Store) -> None:
    store(client, finished_run, "first", 0)
    refused = client.post("/questions", data={"question": " "})
    assert refused.status_code == 422
    assert 'src="/api/runs/first/replay"' in refused.text
