"""How fast the replay's wall is drawn while its slider is dragged, in Chromium.

``python -m benchmarks.replay ADDRESS`` opens a page that holds a replay, drags for three seconds, and prints the frames
a second and the milliseconds of script in a frame.
"""

import json
import shutil
import sys

from playwright.sync_api import sync_playwright

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


def measure(address: str, *, width: int = 1280, height: int = 800) -> dict[str, object]:
    """Drag the slider of the first replay of a page, and return what a frame costs."""
    executable = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": width, "height": height})
        page.goto(address)
        player = page.wait_for_selector("replay-player[ready]")
        found: dict[str, object] = page.evaluate(SCRUB, [player, SECONDS])
        browser.close()
    return found


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1]), indent=2))
