"""A frame in a sandbox without an origin, as WordPress makes it, says what it cannot do and where that works."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from werkzeug.serving import make_server

from assistant import create_app
from tests.assistant.conftest import ENTRY, add_entry
from tests.conftest import settings_in


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """The address of a service with one entry, and no worker."""
    app = create_app(settings_in(tmp_path, public_url="https://ask.example/neurons"))
    add_entry(app)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}/neurons"
    server.shutdown()
    thread.join()


@pytest.mark.parametrize(
    ("sandbox", "confined"), [("allow-scripts", True), ("allow-scripts allow-same-origin allow-forms", False)]
)
def test_a_frame_says_what_it_cannot_do(chromium: Browser, address: str, sandbox: str, *, confined: bool) -> None:
    with chromium.new_context() as context:
        page = context.new_page()
        page.goto(f"{address}/healthz")
        page.set_content(
            f'<iframe sandbox="{sandbox}" src="{address}/embed/{ENTRY}" width="690" height="520"></iframe>',
            wait_until="commit",
        )
        frame = page.frame_locator("iframe")
        button, guess = frame.locator("form.again button"), frame.locator("form.predict button").first
        expect(guess).to_be_enabled()
        if confined:
            expect(frame.locator("#confined")).to_be_visible()
            written_out = frame.get_by_text(f"https://ask.example/neurons/entries/{ENTRY}")
            expect(written_out).to_be_hidden()  # One line, which leaves the replay in sight.
            box = frame.locator("#confined").bounding_box()
            assert box is not None
            assert box["height"] < 25
            frame.locator("#confined summary").click()
            expect(written_out).to_be_visible()
            expect(button).to_be_disabled()
        else:
            expect(button).to_be_enabled()
            expect(frame.locator("#confined")).to_be_hidden()
