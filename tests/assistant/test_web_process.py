"""What a web process never loads, whatever is asked of it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

pytestmark = pytest.mark.slow

SCRIPT = """
import sys
from wsgi import app
client = app.test_client()
for path in ("/", "/entries", "/entries/why-neurons-differ", "/readyz"):
    client.get(path)
assert client.post("/api/questions", json={"question": "Why do neurons differ?"}).status_code == 201
import re
from assistant.accounts import accounts
from assistant.database import db
with app.app_context():
    accounts.add("Ada", "owner", "correct horse battery", by="test")
    db.session.commit()
token = re.search('csrf_token" value="([^"]+)"', client.get("/admin/sign-in").text)[1]
client.post("/admin/sign-in", data={"csrf_token": token, "name": "Ada", "password": "correct horse battery"})
for path in ("", "/edit", "/publish", "/effects"):
    assert client.get(f"/admin/entries/why-neurons-differ{path}").status_code == 200, path
for path in ("/admin/", "/admin/questions"):
    assert client.get(path).status_code == 200, path
title = "If every neuron gets the same data, why do they not all come out the same?"
told = client.post("/api/questions", json={"question": title}).get_json()
run_id, question = told["run_url"].rpartition("/")[2], told["question_url"].rpartition("/")[2]
client.get(f"/runs/{run_id}/card-1200.png")
client.get("/oembed?url=http://127.0.0.1:8000/entries/why-neurons-differ")
for path in (
    f"/runs/{run_id}", f"/runs/{run_id}/panel", f"/api/runs/{run_id}", f"/questions/{question}", "/?q=why+differ",
    "/suggestions?question=why+differ", "/forum", "/embed/why-neurons-differ", f"/embed/runs/{run_id}",
):
    assert client.get(path).status_code == 200, path
assert client.post("/entries/why-neurons-differ/variations", data={"parameter-rate": "0.02"}).status_code == 303
heavy = {"tensorflow", "sklearn", "torch", "models", "matplotlib", "scipy", "bm25s", "resvg_py"}
print(sorted(heavy & {name.partition(".")[0] for name in sys.modules}))
"""


def test_web_processes_load_neither_tensorflow_nor_the_experiments(data_dir: Path) -> None:
    environment = os.environ | {"DATA_DIR": str(data_dir)}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"
