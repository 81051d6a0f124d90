"""/metrics: what Prometheus reads, of all processes together, and who may read it."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import delete, select

from assistant import create_app
from assistant.database import db, writing
from assistant.library.queries import published_entries
from assistant.library.tables import ExperimentRow
from assistant.questions.tables import QuestionRow
from assistant.runs import queries, queue
from assistant.runs.evidence.verdicts import evidence_key
from assistant.runs.tables import EvidenceRow, ReplayRow
from assistant.tallies import TallyRow, tally
from tests.assistant.conftest import ENTRY, TITLE
from tests.conftest import settings_in

pytestmark = pytest.mark.slow

Samples = dict[tuple[str, str], float]


def samples(client: FlaskClient) -> Samples:
    """Return each sample by its name and the value of its label."""
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert answer.content_type.startswith("text/plain; version=")
    return {
        (sample.name, "".join(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(answer.get_data(as_text=True))
        for sample in family.samples
    }


def test_what_is_done_is_counted(either: Flask) -> None:
    client = either.test_client()
    assert samples(client)["askneuron_runs", "waiting"] == 0
    asked = client.post("/api/questions", json={"question": TITLE}).get_json()
    client.post("/api/questions", json={"question": "How long do I boil an egg?"})
    found = samples(client)
    assert found["askneuron_runs", "waiting"] == 1
    assert found["askneuron_oldest_waiting_seconds", ""] > 0
    assert found["askneuron_questions_total", "answer"] == 1
    assert sum(value for (name, _), value in found.items() if name == "askneuron_questions_total") == 2
    assert found["askneuron_matching_seconds_sum", "answer"] > 0

    with either.app_context():
        queue.record_heartbeat("here:1", "warm")
        task = queue.claim("here:1")
        assert task is not None
        assert asked["run_url"].endswith(task.id)
        seconds = {"compile": 1.5, "train": 0.25, "figures": 0.0}
        replay = ReplayRow(run_id=task.id, recording=b"", scripts=b"")
        assert queue.finish(task, {"seconds": seconds, "code": "c0de", "verdicts": (), "findings": {}}, replay)
        with writing():
            queries.note_drawing(task.id, seconds=0.75)
        with writing():
            run = queries.enqueue(published_entries()[0].published)  # type: ignore[arg-type]
            unasked = run.id
        again = queue.claim("here:1")
        assert again is not None
        assert again.id == unasked
        queue.fail(again, "for the test")
    found = samples(client)
    assert [found["askneuron_runs", state] for state in ("waiting", "running", "done", "failed")] == [0, 0, 1, 1]
    assert (found["askneuron_runs_ended_total", "done"], found["askneuron_runs_ended_total", "failed"]) == (1, 1)
    assert found["askneuron_waiting_seconds_count", ""] == 1  # nobody waited for the second
    assert found["askneuron_waiting_seconds_sum", ""] > 0
    assert found["askneuron_training_seconds_sum", task.experiment] == 1.75
    assert found["askneuron_drawing_seconds_sum", task.experiment] == 0.75
    assert found["askneuron_workers", "warm"] == 1


def test_a_count_outlives_what_it_counted(sqlite_app: Flask) -> None:
    app, client = sqlite_app, sqlite_app.test_client()
    client.post("/api/questions", json={"question": TITLE})
    with app.app_context(), writing():
        db.session.execute(delete(QuestionRow))
    assert samples(client)["askneuron_questions_total", "answer"] == 1


def test_evidence_that_drifted(sqlite_app: Flask) -> None:
    app, client = sqlite_app, sqlite_app.test_client()
    with app.app_context(), writing():
        (entry,) = (each for each in published_entries() if each.slug == ENTRY)
        assert entry.published is not None
        main = entry.published.experiments[0]
        code = db.session.get_one(ExperimentRow, main.experiment).code
        claims = entry.published.claims_of(main.experiment)
        for claim, (held, judged) in zip(claims, [(18, 20), (19, 20), (0, 19)], strict=False):
            key = evidence_key(entry.id, main.experiment, code, main.hyperparameters, claim)
            db.session.add(EvidenceRow(key=key, held=held, judged=judged, count=0, of=0))
    found = samples(client)
    assert (found["askneuron_claims_judged", ENTRY], found["askneuron_claims_drifted", ENTRY]) == (2, 1)


def test_many_count_at_once(either: Flask) -> None:
    def count(_at: int) -> None:
        with either.app_context(), writing():
            tally("asked", "answer", 0.5)
            tally("ended", "done")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(count, range(40)))
    with either.app_context():
        rows = db.session.scalars(select(TallyRow).order_by(TallyRow.name)).all()
        assert [(row.label, row.count, row.seconds) for row in rows] == [("answer", 40, 20.0), ("done", 40, 0.0)]


@pytest.mark.parametrize(
    ("address", "headers", "settings", "status"),
    [
        ("127.0.0.1", {}, {}, 200),
        ("127.8.9.10", {}, {}, 200),
        ("::1", {}, {}, 200),
        ("::ffff:127.0.0.1", {}, {}, 200),
        ("192.0.2.7", {}, {}, 403),
        ("", {}, {}, 403),
        ("nonsense", {}, {}, 403),
        ("192.0.2.7", {}, {"metrics_from": "192.0.2.7, 10.0.0.0/8"}, 200),
        ("10.9.9.9", {}, {"metrics_from": "192.0.2.7, 10.0.0.0/8"}, 200),
        ("192.0.2.8", {}, {"metrics_from": "192.0.2.7 10.0.0.0/8"}, 403),
        ("2001:db8::5", {}, {"metrics_from": "2001:db8::/64"}, 200),
        ("::ffff:10.0.0.1", {}, {"metrics_from": "::ffff:10.0.0.1"}, 200),
        ("10.0.0.1", {}, {"metrics_from": "::FFFF:A00:0/104"}, 200),
        ("10.0.0.1", {}, {"metrics_from": "::ffff:10.0.0.2"}, 403),
        ("fe80::1%eth0", {}, {"metrics_from": "FE80::1"}, 200),
        # behind a proxy on this machine
        ("127.0.0.1", {"X-Forwarded-For": "10.0.0.1:5123"}, {"trusted_proxies": 1, "metrics_from": "10.0.0.1"}, 200),
        ("127.0.0.1", {"X-Forwarded-For": "[2001:DB8::1]"}, {"trusted_proxies": 1, "metrics_from": "2001:db8::1"}, 200),
        ("127.0.0.1", {"X-Forwarded-For": "192.0.2.7"}, {}, 403),
        ("127.0.0.1", {"X-Forwarded-For": "192.0.2.7"}, {"trusted_proxies": 1}, 403),
        ("127.0.0.1", {"X-Forwarded-For": "127.0.0.1, 192.0.2.7"}, {"trusted_proxies": 1}, 403),
        ("127.0.0.1", {"X-Forwarded-For": "192.0.2.7"}, {"trusted_proxies": 1, "metrics_from": "192.0.2.7"}, 200),
    ],
)
def test_who_may_read_them(
    sqlite_app: Flask, address: str, headers: dict[str, str], settings: dict[str, object], status: int
) -> None:
    folder = sqlite_app.config["SETTINGS"].data_dir
    client = create_app(settings_in(folder, **settings)).test_client()
    answer = client.get("/metrics", headers=headers, environ_overrides={"REMOTE_ADDR": address})
    assert answer.status_code == status
    assert ("askneuron_" in answer.get_data(as_text=True)) is (status == 200)
