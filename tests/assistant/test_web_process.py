"""What a web process never loads, whatever is asked of it."""

import os
import subprocess
import sys
from pathlib import Path

from tests.assistant.conftest import ROOT

SCRIPT = """
import sys
from wsgi import app
client = app.test_client()
for path in ("/", "/entries", "/entries/why-neurons-differ", "/readyz"):
    client.get(path)
assert client.post("/api/questions", json={"question": "Why do neurons differ?"}).status_code == 201
import re
from assistant.admin import accounts
from assistant.database import db
with app.app_context():
    accounts.add("Ada", "owner", "correct horse battery", by="test")
    db.session.commit()
token = re.search('csrf_token" value="([^"]+)"', client.get("/admin/sign-in").text)[1]
client.post("/admin/sign-in", data={"csrf_token": token, "name": "Ada", "password": "correct horse battery"})
for path in ("/admin/", *(f"/admin/entries/why-neurons-differ{page}" for page in ("", "/edit", "/publish"))):
    assert client.get(path).status_code == 200, path
assert client.get("/admin/questions").status_code == 200
heavy = {"tensorflow", "sklearn", "torch", "models", "matplotlib", "scipy"}
print(sorted(heavy & {name.partition(".")[0] for name in sys.modules}))
"""


def test_web_processes_load_neither_tensorflow_nor_the_experiments(data_dir: Path) -> None:
    environment = os.environ | {"DATA_DIR": str(data_dir)}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"
