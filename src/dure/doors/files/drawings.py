"""Small drawings of lines, bars, points and words, as SVG or PNG of the same geometry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from typing import Literal, TypeAlias
from xml.sax.saxutils import escape

from PIL import Image, ImageDraw, ImageFont

Ink: TypeAlias = Literal["ground", "ink", "soft", "line", "mark", "bar"]
Anchor: TypeAlias = Literal["start", "middle", "end"]

# Contrast with the ground: words at least 4.5 to 1, marks 3 to 1. One blue and greys, told apart
# by shape and lightness too, so that nobody has to see colours.
LIGHT: dict[Ink, str] = {
    "ground": "#ffffff", "ink": "#1d2321", "soft": "#55605c", "line": "#e1e5e2",
    "mark": "#0b5fa5", "bar": "#7fa9cf",
}  # fmt: skip
DARK: dict[Ink, str] = {
    "ground": "#141917", "ink": "#edf1ee", "soft": "#aab5b0", "line": "#303835",
    "mark": "#7cc0ff", "bar": "#45729c",
}  # fmt: skip
# Beside them words would be set in whatever the reader's browser has.
FONTS = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', Helvetica, Arial, sans-serif"
# A PNG has two pixels for each unit, as sharp screens have; each is the mean of four.
PIXELS, SAMPLES = 2, 2
RIM = 2


@dataclass(frozen=True, slots=True)
class Line:
    """A straight line; `dash` is the length of its strokes and gaps, 0 for none."""

    start: tuple[float, float]
    end: tuple[float, float]
    ink: Ink = "line"
    width: float = 1.0
    dash: float = 0.0


@dataclass(frozen=True, slots=True)
class Bar:
    """A filled rectangle from its top left corner."""

    corner: tuple[float, float]
    width: float
    height: float
    ink: Ink = "bar"


@dataclass(frozen=True, slots=True)
class Dot:
    """A filled circle."""

    centre: tuple[float, float]
    radius: float
    ink: Ink = "mark"


@dataclass(frozen=True, slots=True)
class Words:
    """A line of words; `at` is where its baseline starts, has its middle, or ends.

    A rim in the colour of the ground keeps what lies behind from running through the letters.
    """

    at: tuple[float, float]
    text: str
    size: float = 12.0
    ink: Ink = "ink"
    anchor: Anchor = "start"


Shape: TypeAlias = Line | Bar | Dot | Words


@dataclass(frozen=True, slots=True)
class Drawing:
    """Shapes from back to front; `title` and `description` are for those who can't see them."""

    width: int
    height: int
    title: str
    description: str
    shapes: Sequence[Shape]


def as_svg(drawing: Drawing) -> bytes:
    """Return SVG that follows the reader's light or dark setting."""
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {drawing.width} {drawing.height}"',
        f'  width="{drawing.width}" height="{drawing.height}"',
        '  role="img" aria-labelledby="title description">',
        f'<title id="title">{escape(drawing.title)}</title>',
        f'<desc id="description">{escape(drawing.description)}</desc>',
        "<style>",
        ":root { color-scheme: light dark; }",
        "svg { max-width: 100%; height: auto; }",
        _variables(LIGHT),
        f"@media (prefers-color-scheme: dark) {{ {_variables(DARK)} }}",
        f"text {{ font-family: {FONTS}; font-variant-numeric: tabular-nums;",
        f"  paint-order: stroke; stroke: var(--ground); stroke-width: {2 * RIM}px; }}",
        *(f".fill-{ink} {{ fill: var(--{ink}); }}" for ink in LIGHT),
        *(f".stroke-{ink} {{ stroke: var(--{ink}); }}" for ink in LIGHT),
        "</style>",
        '<rect class="fill-ground" width="100%" height="100%"/>',
        *(_svg_shape(shape) for shape in drawing.shapes),
        "</svg>",
    ]
    return "\n".join(lines).encode() + b"\n"


def _variables(inks: dict[Ink, str]) -> str:
    return "svg { " + " ".join(f"--{ink}: {colour};" for ink, colour in inks.items()) + " }"


def _svg_shape(shape: Shape) -> str:
    match shape:
        case Line(start, end, ink, width, dash):
            dashes = f' stroke-dasharray="{_n(dash)}"' if dash else ""
            return (
                f'<line class="stroke-{ink}" x1="{_n(start[0])}" y1="{_n(start[1])}" '
                f'x2="{_n(end[0])}" y2="{_n(end[1])}" stroke-width="{_n(width)}"{dashes}/>'
            )
        case Bar(corner, width, height, ink):
            return (
                f'<rect class="fill-{ink}" x="{_n(corner[0])}" y="{_n(corner[1])}" '
                f'width="{_n(width)}" height="{_n(height)}"/>'
            )
        case Dot(centre, radius, ink):
            return (
                f'<circle class="fill-{ink}" cx="{_n(centre[0])}" cy="{_n(centre[1])}" '
                f'r="{_n(radius)}"/>'
            )
        case Words(at, text, size, ink, anchor):
            return (
                f'<text class="fill-{ink}" x="{_n(at[0])}" y="{_n(at[1])}" '
                f'font-size="{_n(size)}" text-anchor="{anchor}">{escape(text)}</text>'
            )


def _n(number: float) -> str:
    return f"{number:.2f}".rstrip("0").rstrip(".")


def as_png(drawing: Drawing) -> bytes:
    """Return PNG on light ground, of two pixels a unit."""
    scale = PIXELS * SAMPLES
    large = Image.new("RGB", (drawing.width * scale, drawing.height * scale), LIGHT["ground"])
    pen = ImageDraw.Draw(large)
    for shape in drawing.shapes:
        _draw(pen, shape, scale)
    small = large.reduce(SAMPLES)
    out = BytesIO()
    small.save(out, "PNG", optimize=True, dpi=(96 * PIXELS, 96 * PIXELS))
    return out.getvalue()


def _draw(pen: ImageDraw.ImageDraw, shape: Shape, scale: int) -> None:
    colour = LIGHT[shape.ink]
    match shape:
        case Line(start, end, _, width, dash):
            for first, last in _strokes(start, end, dash):
                pen.line(
                    [_scaled(first, scale), _scaled(last, scale)],
                    fill=colour,
                    width=round(width * scale),
                )
        case Bar((x, y), width, height, _):
            # Pillow's rectangles include their far edge.
            far = (x + width) * scale - 1, (y + height) * scale - 1
            if far[0] >= x * scale and far[1] >= y * scale:
                pen.rectangle([(x * scale, y * scale), far], fill=colour)
        case Dot((x, y), radius, _):
            corners = [
                ((x - radius) * scale, (y - radius) * scale),
                ((x + radius) * scale, (y + radius) * scale),
            ]
            pen.ellipse(corners, fill=colour)
        case Words(at, text, size, _, anchor):
            side = {"start": "l", "middle": "m", "end": "r"}[anchor]
            pen.text(
                _scaled(at, scale),
                text,
                fill=colour,
                font=_font(size * scale),
                anchor=f"{side}s",
                stroke_width=RIM * scale,
                stroke_fill=LIGHT["ground"],
            )


def _strokes(
    start: tuple[float, float], end: tuple[float, float], dash: float
) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    if not dash:
        return [(start, end)]
    across, down = end[0] - start[0], end[1] - start[1]
    length = (across**2 + down**2) ** 0.5
    begins = [2.0 * dash * at for at in range(int(length / (2.0 * dash)) + 1)]
    return [
        (
            (start[0] + across * begin / length, start[1] + down * begin / length),
            (start[0] + across * stop / length, start[1] + down * stop / length),
        )
        for begin in begins
        if (stop := min(begin + dash, length)) > begin
    ]


def _scaled(point: tuple[float, float], scale: int) -> tuple[float, float]:
    return point[0] * scale, point[1] * scale


@cache
def _font(pixels: float) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    # Pillow brings this one along, so the same PNG comes out on every machine.
    return ImageFont.load_default(pixels)
