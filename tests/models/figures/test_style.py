"""Colours that can be told apart."""

import re

import numpy as np
import pytest

from models.figures.style import DARK, LIGHT, Palette


def luminance(colour: str) -> float:
    parts = np.array(list(bytes.fromhex(colour[1:]))) / 255
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def contrast(one: str, two: str) -> float:
    dark, light = sorted((luminance(one), luminance(two)))
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_that_of_the_guidelines() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_every_light_colour_has_one_role() -> None:
    assert len(set(LIGHT.colours())) == len(LIGHT.colours()) == len(DARK.colours())
    assert all(re.fullmatch(r"#[0-9a-f]{6}", colour) for colour in (*LIGHT.colours(), *DARK.colours()))


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_text_and_lines_stand_out_from_the_paper(palette: Palette) -> None:
    for text in (palette.ink, palette.muted, palette.accent):
        assert contrast(text, palette.paper) >= 4.5
    for mark in (*palette.neurons, *palette.classes, *palette.roasts):
        assert contrast(mark, palette.paper) >= 3
