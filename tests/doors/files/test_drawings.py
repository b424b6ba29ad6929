from __future__ import annotations

from io import BytesIO
from xml.etree import ElementTree

import pytest
from PIL import Image, ImageColor

from dure.doors.files.drawings import (
    DARK,
    LIGHT,
    Bar,
    Dot,
    Drawing,
    Line,
    Words,
    as_png,
    as_svg,
)

SVG = "{http://www.w3.org/2000/svg}"
DRAWING = Drawing(
    100,
    60,
    "A & B",
    "less < more",
    (
        Bar((10, 10), 20, 30),
        Line((40, 50), (90, 50), "soft", 4.0),
        Line((40, 30), (90, 30), "ink", 2.0, 5.0),
        Dot((70, 15), 5.0),
        Words((10, 55), "<1>", 8.0, anchor="start"),
    ),
)


def test_svg_has_every_shape_and_its_words_for_those_who_can_t_see_it():
    root = ElementTree.fromstring(as_svg(DRAWING))

    shapes = [(one.tag.removeprefix(SVG), one.attrib, one.text) for one in root[3:]]
    assert root.attrib["role"] == "img"
    assert [root[at].text for at in (0, 1)] == ["A & B", "less < more"]
    assert [root[at].attrib["id"] for at in (0, 1)] == root.attrib["aria-labelledby"].split()
    assert shapes == [
        ("rect", {"class": "fill-ground", "width": "100%", "height": "100%"}, None),
        (
            "rect",
            {"class": "fill-bar", "x": "10", "y": "10", "width": "20", "height": "30"},
            None,
        ),
        (
            "line",
            {"class": "stroke-soft", "x1": "40", "y1": "50", "x2": "90", "y2": "50",
             "stroke-width": "4"},
            None,
        ),
        (
            "line",
            {"class": "stroke-ink", "x1": "40", "y1": "30", "x2": "90", "y2": "30",
             "stroke-width": "2", "stroke-dasharray": "5"},
            None,
        ),
        ("circle", {"class": "fill-mark", "cx": "70", "cy": "15", "r": "5"}, None),
        (
            "text",
            {"class": "fill-ink", "x": "10", "y": "55", "font-size": "8", "text-anchor": "start"},
            "<1>",
        ),
    ]  # fmt: skip


def test_svg_follows_light_and_dark():
    style = ElementTree.fromstring(as_svg(DRAWING)).find(f"{SVG}style").text

    light, dark = style.split("@media (prefers-color-scheme: dark)")
    assert [f"--{ink}: {colour};" in light for ink, colour in LIGHT.items()] == [True] * 6
    assert [f"--{ink}: {colour};" in dark for ink, colour in DARK.items()] == [True] * 6


def test_png_has_the_same_geometry_at_two_pixels_a_unit():
    with Image.open(BytesIO(as_png(DRAWING))) as picture:
        picture.load()

    seen = {
        place: picture.getpixel((place[0] * 2, place[1] * 2))
        for place in [(20, 25), (11, 11), (9, 25), (31, 25), (60, 50), (70, 15), (42, 30), (47, 30)]
    }
    assert picture.size == (200, 120)
    assert seen == {
        (20, 25): ImageColor.getrgb(LIGHT["bar"]),
        (11, 11): ImageColor.getrgb(LIGHT["bar"]),
        (9, 25): ImageColor.getrgb(LIGHT["ground"]),
        (31, 25): ImageColor.getrgb(LIGHT["ground"]),
        (60, 50): ImageColor.getrgb(LIGHT["soft"]),
        (70, 15): ImageColor.getrgb(LIGHT["mark"]),
        (42, 30): ImageColor.getrgb(LIGHT["ink"]),
        (47, 30): ImageColor.getrgb(LIGHT["ground"]),
    }


def test_same_drawing_gives_the_same_bytes():
    assert (as_svg(DRAWING), as_png(DRAWING)) == (as_svg(DRAWING), as_png(DRAWING))


@pytest.mark.parametrize("inks", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ratio"), [("ink", 7), ("soft", 4.5), ("mark", 4.5)])
def test_words_and_marks_stand_out_from_the_ground(inks, ink, ratio):
    bright, dull = sorted((_light(inks[ink]), _light(inks["ground"])), reverse=True)

    assert (bright + 0.05) / (dull + 0.05) >= ratio


def _light(colour):
    """Relative luminance, as the Web Content Accessibility Guidelines 2.2 define it."""
    parts = [part / 255 for part in ImageColor.getrgb(colour)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
