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
