"""What was recorded of a run, as it is sent to the player and taken home; the recordings are of real trainings."""

import gzip
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import nbformat
import pytest
from flask.testing import FlaskClient

from assistant.database import db, now
from assistant.runs import queries
from assistant.runs.tables import ReplayRow, RunRow
from assistant.runs.worker.recording import replay_of
from models import registry
from models.__main__ import main
from models.experiment import Result

pytestmark = pytest.mark.slow

Store = Callable[..., RunRow]
NETWORKS = 5


@pytest.fixture(scope="session")
def result() -> Result:
    """A short run of the blobs."""
    experiment = registry.find("blobs-split")
    return experiment.execute(experiment.validate({"steps": 8}, NETWORKS, 3), networks=NETWORKS, seed=3)


@pytest.fixture
def recorded(client: FlaskClient, finished_run: Store, result: Result) -> str:
    """The id of a run that can be watched."""
    with client.application.app_context():
        finished_run("watched", evidence=False)
        db.session.add(replay_of("watched", result))
        db.session.commit()
    return "watched"


def replay(client: FlaskClient, run_id: str) -> dict[str, Any]:
    response = client.get(f"/api/runs/{run_id}/replay", headers={"Accept-Encoding": "identity"})
    assert response.status_code == 200
    sent: dict[str, Any] = response.get_json()
    return sent


def test_a_replay_is_sent_as_it_was_recorded(client: FlaskClient, recorded: str, result: Result) -> None:
    sent = replay(client, recorded)
    assert sent == json.loads(gzip.decompress(registry.find("blobs-split").recording(result, "watched")))
    assert sent["run"] == "watched"
    assert len(sent["cohorts"][0]["diverged"]) == NETWORKS


def test_it_is_sent_compressed_to_those_who_can_read_it(client: FlaskClient, recorded: str) -> None:
    response = client.get(f"/api/runs/{recorded}/replay", headers={"Accept-Encoding": "br, gzip"})
    assert response.headers["Content-Encoding"] == "gzip"
    assert json.loads(gzip.decompress(response.data)) == replay(client, recorded)
    assert response.headers["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize("path", ["/api/runs/{}/replay", "/runs/{}/keras.py", "/runs/{}/notebook.ipynb"])
def test_frames_of_any_origin_may_read_it_without_cookies(client: FlaskClient, recorded: str, path: str) -> None:
    for run_id in (recorded, "nothing"):
        response = client.get(path.format(run_id))
        assert response.headers["Access-Control-Allow-Origin"] == "*"
        assert "Set-Cookie" not in response.headers
    assert "Access-Control-Allow-Origin" not in client.get(f"/api/runs/{recorded}").headers


@pytest.mark.parametrize(
    ("state", "status", "words"),
    [("waiting", 503, "under way"), ("running", 503, "under way"), ("failed", 404, "failed"), ("done", 410, "old")],
)
def test_a_run_without_a_replay_says_so(
    client: FlaskClient, finished_run: Store, state: str, status: int, words: str
) -> None:
    with client.application.app_context():
        finished_run("silent", state=state)
    for path in ("/api/runs/silent/replay", "/runs/silent/keras.py", "/runs/silent/data.csv"):
        response = client.get(path, headers={"Accept": "application/json"})
        assert response.status_code == status
        assert words in response.get_json()["error"]


def test_there_is_no_replay_of_no_run(client: FlaskClient) -> None:
    response = client.get("/api/runs/nothing/replay")
    assert (response.status_code, response.get_json()["error"]) == (404, "There is no run at this address.")


def test_a_network_is_taken_home_as_a_script(client: FlaskClient, recorded: str, result: Result) -> None:
    response = client.get(f"/runs/{recorded}/keras.py?network=4")
    script = response.text
    compile(script, "network.py", "exec")
    assert "NETWORK = 4\nSEED = 3\n" in script
    assert "@ARRAY" not in script
    first = result.cohorts["main"].start[0, 4]
    assert f"np.array([[{first!s}" in script
    assert response.headers["Content-Disposition"] == 'attachment; filename="watched-network-4.py"'
    assert client.get(f"/runs/{recorded}/keras.py").text != script


def test_what_is_taken_home_is_called_after_its_cohort_and_names_its_own_settings(
    client: FlaskClient, recorded: str
) -> None:
    script = client.get(f"/runs/{recorded}/keras.py?network=4&cohort=main")
    assert script.headers["Content-Disposition"] == 'attachment; filename="watched-main-network-4.py"'
    assert "# Its settings: steps = 8, rate = 0.01, batch_size = 32, initializer = glorot_uniform.\n" in script.text
    table = client.get(f"/runs/{recorded}/data.csv?cohort=main")
    assert table.headers["Content-Disposition"] == 'attachment; filename="watched-main.csv"'


def test_a_network_is_taken_home_as_a_notebook(client: FlaskClient, recorded: str) -> None:
    notebook = client.get(f"/runs/{recorded}/notebook.ipynb?network=1")
    nbformat.validate(nbformat.reads(notebook.text, as_version=4))
    assert "@" not in notebook.text.replace("@tf.function", "")
    assert "NETWORK = 1" in notebook.text


def test_the_data_is_taken_home(client: FlaskClient, recorded: str) -> None:
    response = client.get(f"/runs/{recorded}/data.csv")
    assert response.mimetype == "text/csv"
    lines = response.text.splitlines()
    assert lines[0] == "x₁,x₂,class"
    assert len(lines) == 101


def test_the_command_line_exports_the_same_data(
    client: FlaskClient, recorded: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", "blobs-split", "--seed", "3", "--format", "csv"]) == 0
    assert capsys.readouterr().out == client.get(f"/runs/{recorded}/data.csv").text


@pytest.mark.parametrize("number", ["5", "-1", "one", "1.5", "1e3", "9" * 400, "²", "%00", "4 "])
def test_a_network_that_there_is_not_is_refused_with_those_that_there_are(
    client: FlaskClient, recorded: str, number: str
) -> None:
    response = client.get(f"/runs/{recorded}/keras.py?network={number}", headers={"Accept": "application/json"})
    assert response.status_code == 400
    assert "from 0 to 4" in response.get_json()["error"]


def test_a_cohort_that_there_is_not_is_refused_with_those_that_there_are(client: FlaskClient, recorded: str) -> None:
    for path in ("keras.py", "notebook.ipynb", "data.csv"):
        response = client.get(f"/runs/{recorded}/{path}?cohort=<b>", headers={"Accept": "application/json"})
        assert response.status_code == 400
        assert "main" in response.get_json()["error"]


def test_pruning_drops_old_replays_but_the_newest_of_each_entry(
    client: FlaskClient, finished_run: Store, result: Result
) -> None:
    with client.application.app_context():
        long_ago = now() - timedelta(days=100)
        finished_run("older", entry_id=1, finished_at=long_ago - timedelta(days=1))
        finished_run("latest", entry_id=1, finished_at=long_ago)
        finished_run("young", entry_id=None, evidence=False)
        for run_id in ("older", "latest", "young"):
            db.session.add(replay_of(run_id, result))
        db.session.commit()
        dropped, size = queries.prune_replays(timedelta(days=30))
        assert dropped == 1
        assert size > 1_000
        assert {row.run_id for row in db.session.query(ReplayRow)} == {"latest", "young"}
        assert queries.prune_replays(timedelta(days=30)) == (0, 0)
    assert client.get("/api/runs/older/replay").status_code == 410


def test_a_runs_page_leads_to_what_can_be_taken_home(client: FlaskClient, recorded: str) -> None:
    with client.application.app_context():
        run = db.session.get_one(RunRow, recorded)
        run.findings = {}
        run.seconds, run.versions = {"train": 0.1, "figures": 0.1}, {"tensorflow": "2", "numpy": "2", "cpu": "x"}
        db.session.commit()
    for path in (f"/runs/{recorded}", f"/embed/runs/{recorded}"):
        page = client.get(path).text
        for file in ("data.csv", "keras.py", "notebook.ipynb"):
            assert f'href="/runs/{recorded}/{file}"' in page
            assert client.get(f"/runs/{recorded}/{file}").status_code == 200
