"""What a reader's browser sees: the frames of a replay that is dragged, and how soon a verdict is in the document.

``python -m benchmarks.replay ADDRESS`` opens a page that holds a replay, drags for three seconds, and prints the frames
a second and the milliseconds of script in a frame. `benchmarks.service` prints both, in its own run.
"""

import json
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

SECONDS = 3
# Every frame moves the slider; what is timed is the painting of the wall and the time between two frames.
SCRUB = """async ([player, seconds]) => {
  player.playback.pause();
  await new Promise((resolve) => setTimeout(resolve, 500));
  const [scripts, gaps] = [[], []];
  const paint = player.wall.paint.bind(player.wall);
  player.wall.paint = (...values) => {
    const began = performance.now();
    paint(...values);
    scripts.push(performance.now() - began);
  };
  const began = performance.now();
  await new Promise((resolve) => {
    let before = began;
    const frame = (now) => {
      gaps.push(now - before);
      before = now;
      if (now - began > 1000 * seconds) return resolve();
      player.playback.seek(player.playback.last * (0.5 - 0.5 * Math.cos((now - began) / 400)));
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  });
  const at = (values, share) => values.sort((one, other) => one - other)[Math.floor(share * values.length)];
  return {
    networks: player.wall.tiles.length,
    frames_per_second: gaps.length / seconds,
    frame_ms: { median: at(gaps, 0.5), p90: at(gaps, 0.9) },
    script_ms: { median: at(scripts, 0.5), p90: at(scripts, 0.9) },
  };
}"""


# The time is that of the clock, so that it goes on from the page that asks to the page that answers.
WATCH = """
const now = () => performance.timeOrigin + performance.now();
addEventListener("submit", () => sessionStorage.setItem("asked", now()), true);
const look = () => {
  if (window.told || !document.querySelector("#verdict")?.textContent.includes("just now")) return;
  window.told = now() - sessionStorage.getItem("asked");
};
new MutationObserver(look).observe(document, { childList: true, subtree: true, characterData: true });
"""


def chromium() -> str | None:
    """Return the path of Chromium, where there is one."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@contextmanager
def _browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        yield browser
        browser.close()


def measure(address: str, *, width: int = 1280, height: int = 800) -> dict[str, object]:
    """Drag the slider of the first replay of a page, and return what a frame costs."""
    with _browser() as browser:
        page = browser.new_page(viewport={"width": width, "height": height})
        page.goto(address)
        player = page.wait_for_selector("replay-player[ready]")
        page.evaluate("player => player.removeAttribute('held')", player)  # It waits for a guess.
        found: dict[str, object] = page.evaluate(SCRUB, [player, SECONDS])
    return found


def seconds_to_verdict(address: str, questions: Sequence[str]) -> list[float]:
    """Ask each question of the home page; return the seconds from each submit to its fresh verdict in the document."""
    found = []
    with _browser() as browser:
        for question in questions:
            page = browser.new_page(viewport={"width": 1280, "height": 800})
            page.add_init_script(WATCH)
            page.goto(address)
            page.fill("#question", question)
            page.keyboard.press("Enter")
            page.wait_for_function("() => window.told", timeout=60_000)
            found.append(float(page.evaluate("window.told")) / 1000)
            page.close()
    return found


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1]), indent=2))
