"""Link cards: a run's title, its verdict in numbers and a telling figure, as a picture for forums.

A card is composed as SVG from what the database holds, and drawn by resvg; it needs neither TensorFlow nor matplotlib,
only the fonts that matplotlib brings. The worker draws cards while no run waits. To draw the card that stands in where
there is none yet: `python -m assistant.forum.cards assistant/static`.
"""

import logging
import sys
from base64 import b64encode
from collections.abc import Sequence
from functools import cache
from html import escape
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from flask import current_app

from assistant.forum import queries
from assistant.forum.glyphs import in_words
from assistant.forum.preview import SIZES, Card, by_importance, claims_held_text, day_text, strip_controls
from assistant.library.texts.markdown import kept_together
from assistant.runs.panel import finding_text

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

log = logging.getLogger(__name__)

COMPLETE = "cards-complete"  # what the cards hung on when none was wanted any more, so that not all runs are looked at
WIDTH, HEIGHT = SIZES[0]
EDGE, GAP = 56, 44
PAPER, INK, MUTED, LINE, BRAND, ACCENT = "#fffffe", "#1f2429", "#58616b", "#e1e5e9", "#1a57b0", "#d1480a"
TONES = {True: "#0b6e4f", False: "#b3261e", None: "#8a939c"}
TITLE_SIZES = (54, 48, 43, 38)  # pixels, the largest that fits
CLAIM = 24
LOWEST = 612  # where the last line of text may stand


def draw_next() -> bool:
    """Draw one card that is wanted; say whether there was one. A maintenance task of the worker."""
    hangs_on = queries.what_cards_hang_on()
    if current_app.extensions.get(COMPLETE) == hangs_on:
        return False
    run_id = queries.next_run_without_card()
    if run_id is None:
        current_app.extensions[COMPLETE] = hangs_on
        return False
    card = queries.card_content(run_id)
    try:
        pictures = draw(card)
    except Exception:
        log.exception("the card of run %s could not be drawn; others stand in for it", run_id)
        pictures = {}
    queries.store_card(run_id, card.title, pictures)
    return True


def draw(card: Card) -> dict[int, bytes]:
    """Return a card as PNG in each width."""
    import resvg_py  # noqa: PLC0415 - web processes serve what the worker drew

    svg = compose(card)
    fonts = [str(_font(bold=bold)) for bold in (False, True)]
    return {width: resvg_py.svg_to_bytes(svg_string=svg, width=width, font_files=fonts, dpi=96) for width, _ in SIZES}


def compose(card: Card) -> str:
    """Return a card as SVG."""
    figure, text_width = _figure(card)
    parts = [
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{PAPER}"/><rect width="{WIDTH}" height="10" fill="{BRAND}"/>',
        f'<g transform="translate({EDGE} 54) scale(1.7)">{_mark()}</g>',
        _text(EDGE + 70, 81, 30, "Askneuron", bold=True),
    ]
    size, lines = _fit_title(card.title, text_width, most=4)
    y = 100 + size * 1.1
    for line in lines:
        parts.append(_text(EDGE, y, size, line, bold=True))
        y += size * 1.18
    if card.verdicts:
        parts += _verdict(card, y - size * 1.18, text_width)
    return _document([*parts, figure])


def _verdict(card: Card, y: float, width: float) -> list[str]:
    """Return how many claims held, one mark for each, when, and as many of the numbers as there is room for."""
    every = all(verdict.held is True for verdict in card.verdicts)
    any_failed = any(verdict.held is False for verdict in card.verdicts)
    tone = TONES[True] if every else TONES[False] if any_failed else INK
    parts = [_text(EDGE, y + 74, 44, claims_held_text(card.verdicts), bold=True, fill=tone)]
    each = min(width / len(card.verdicts), 74)
    for at, verdict in enumerate(card.verdicts):
        x = EDGE + at * each
        parts.append(
            f'<rect x="{x:.1f}" y="{y + 94:.1f}" width="{each - 7:.1f}" height="12" fill="{TONES[verdict.held]}"/>'
        )
    y += 142
    parts.append(_text(EDGE, y, 27, f"{card.networks} networks trained, {day_text(card.finished_at)}", fill=MUTED))
    for line in _wrap(card.variation, CLAIM, width, most=2, bold=True) if card.variation else []:
        y += 1.3 * CLAIM
        parts.append(_text(EDGE, y, CLAIM, line, bold=True))
    for verdict in by_importance(card.verdicts):
        room = int((LOWEST - y - 52) / (1.25 * CLAIM))
        if room < 1:
            break
        lines = _wrap(verdict.claim.text, CLAIM, width, most=min(room, 3))
        # Half a claim may say something else than the whole one; only what failed is told at any length.
        if lines[-1].endswith("…") and verdict.held is not False:
            continue
        parts.append(_text(EDGE, y + 50, 30, finding_text(verdict.finding), bold=True, fill=TONES[verdict.held]))
        parts += [_text(EDGE, y + 84 + 1.25 * CLAIM * at, CLAIM, line) for at, line in enumerate(lines)]
        y += 52 + 1.25 * CLAIM * len(lines)
    return parts


def _figure(card: Card) -> tuple[str, float]:
    """Return the figure as large as it fits, and the width that it leaves to the text."""
    if card.figure is None:
        return "", WIDTH - 2 * EDGE
    svg, width, height = card.figure
    scale = min((WIDTH * 0.44 - EDGE) / width, (HEIGHT - 2 * EDGE) / height)
    shown, tall = width * scale, height * scale
    x, y = WIDTH - EDGE - shown, (HEIGHT + 10 - tall) / 2
    # As a picture of its own, so that its style sheet and names stay its own; resvg draws it as on a light page.
    data = b64encode(svg).decode()
    box = f'x="{x:.1f}" y="{y:.1f}" width="{shown:.1f}" height="{tall:.1f}"'
    return f'<image {box} href="data:image/svg+xml;base64,{data}"/>', x - EDGE - GAP


def _mark() -> str:
    """Return the service's mark, 32 by 20."""
    inner = '<path d="M6 4.5 26 10M6 15.5 26 10"/><circle cx="5" cy="4.5" r="3.2"/><circle cx="5" cy="15.5" r="3.2"/>'
    output = f'<circle cx="27" cy="10" r="4.2" fill="{ACCENT}"/>'
    return f'<g fill="{BRAND}" stroke="{BRAND}" stroke-width="1.4">{inner}</g>{output}'


def _document(parts: Sequence[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        f'font-family="DejaVu Sans">{"".join(parts)}</svg>'
    )


def _text(x: float, y: float, size: float, text: str, *, bold: bool = False, fill: str = INK) -> str:
    weight = ' font-weight="700"' if bold else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}"{weight} fill="{fill}">{escape(_drawable(text))}</text>'


def _fit_title(text: str, width: float, *, most: int) -> tuple[int, list[str]]:
    """Return a text in lines, as large as it fits; what is too long even in the smallest size ends in an ellipsis."""
    for size in TITLE_SIZES:
        lines = _wrap(text, size, width, most=most + 1, bold=True)
        if len(lines) <= most:
            return size, lines
    return TITLE_SIZES[-1], _wrap(text, TITLE_SIZES[-1], width, most=most, bold=True)


def _wrap(text: str, size: float, width: float, *, most: int, bold: bool = False) -> list[str]:
    """Return a text in at most so many lines; a word that is wider than a line is cut."""
    font = _font_for_measuring(bold=bold)

    def fits(line: str) -> bool:
        return bool(font.getlength(line) * size / 100 <= width)

    lines, words = [""], kept_together(_drawable(" ".join(text.split()))).split(" ")
    while words:
        word = words.pop(0)
        longer = f"{lines[-1]} {word}".strip()
        if fits(longer):
            lines[-1] = longer
        elif lines[-1]:
            lines.append("")
            words.insert(0, word)
        else:
            cut = next(at for at in range(len(word), 0, -1) if at == 1 or fits(word[:at]))
            lines[-1] = word[:cut]
            words.insert(0, word[cut:])
            if not words[0]:
                words.pop(0)
    if len(lines) <= most:
        return lines
    last = lines[most - 1]
    while last and not fits(f"{last}…"):
        last = last[:-1]
    return [*lines[: most - 1], f"{last.rstrip(' ,;:.')}…"]


def _drawable(text: str) -> str:
    """Return a text that the cards' fonts can draw; what they cannot is said in words."""
    return in_words(strip_controls(text), lambda sign: ord(sign) in _glyphs())


@cache
def _glyphs() -> frozenset[int]:
    """Return the characters of which both fonts have a glyph."""
    # It comes with matplotlib, and only whoever draws needs it.
    from fontTools.ttLib import TTFont  # type: ignore[import-untyped]  # noqa: PLC0415

    with TTFont(_font(bold=False), lazy=True) as regular, TTFont(_font(bold=True), lazy=True) as bold:
        return frozenset(regular.getBestCmap()) & frozenset(bold.getBestCmap())


def _font(*, bold: bool) -> Path:
    """Return DejaVu Sans as matplotlib brings it, without loading matplotlib."""
    spec = find_spec("matplotlib")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("matplotlib, which brings the cards' fonts, is not installed")
    return Path(spec.origin).parent / "mpl-data/fonts/ttf" / f"DejaVuSans{'-Bold' if bold else ''}.ttf"


@cache
def _font_for_measuring(*, bold: bool) -> "FreeTypeFont":
    from PIL import ImageFont  # noqa: PLC0415 - only whoever draws measures text

    return ImageFont.truetype(_font(bold=bold), 100)


def stand_in() -> dict[int, bytes]:
    """Return the card that stands in where no run's is there."""
    title = "Ask how neural networks learn. Watch fresh ones answer."
    mark = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 20" width="32" height="20">{_mark()}</svg>'
    return draw(Card(title=title, verdicts=(), networks=0, finished_at=None, figure=(mark.encode(), 32, 20)))


if __name__ == "__main__":
    for _width, _png in stand_in().items():
        (Path(sys.argv[1]) / f"card-{_width}.png").write_bytes(_png)
