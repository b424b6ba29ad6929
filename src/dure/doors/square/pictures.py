"""The picture that a chat or a social network shows beside the link to a call."""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from itertools import pairwise
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

SIZE = (1200, 630)
MARGIN = 88
GROUND = "#fbfaf7"
INK = "#1d2321"
INK_SOFT = "#55605c"
ACCENT = "#0b6e5f"
LINE = "#dcdfd9"
WORDMARK = "Dure 두레"
COLOURS_MAX = 128
LETTERS_MAX = 400  # More than three lines hold, and little to measure.
FONTS = Path(__file__).parent / "fonts"

TITLE_POINTS = (92, 84, 76, 68, 60, 54)
TITLE_LINES_MAX = 3
TITLE_PIXELS_MAX = 262
TITLE_MIDDLE = 285
LINE_POINTS = 34
ORGANISATION_TOP = 80
FOOT_BASELINE = 546
FOOT_LINES_MAX = 2
FOOT_STEP = 40
RULE_TOP = 466

# Hangul fills its square, so its lines need more air than Latin ones.
LEADING_HANGUL = 1.26
LEADING = 1.14

# The strands of logo.svg, in its units: colour, width, and the points of two Bézier curves.
MARK_UNITS = 32
MARK_PIXELS = 76
MARK_FINENESS = 8
Point = tuple[float, float]
STRANDS: tuple[tuple[str, float, tuple[Point, ...]], ...] = (
    (ACCENT, 4, ((4, 10), (12, 10), (12, 22), (20, 22), (24, 22), (26, 20), (28, 18))),
    ("#e8912d", 4, ((4, 22), (12, 22), (12, 10), (20, 10), (24, 10), (26, 12), (28, 14))),
    ("#2f5fb3", 3, ((10, 5), (10, 11), (22, 11), (22, 16), (22, 21), (10, 21), (10, 27))),
)


def draw_preview(*, title: str, organisation: str, promise: str, language: str) -> bytes:
    """A PNG of 1200 x 630 for Open Graph and KakaoTalk.

    Signs that the font lacks are left out; a title that is mostly such signs gives way to the
    organisation's name.
    """
    shown_organisation = _drawable(organisation)
    shown_title = _drawable(title)
    if not shown_title:
        shown_title, shown_organisation = shown_organisation or WORDMARK, ""

    picture = Image.new("RGB", SIZE, GROUND)
    pen = ImageDraw.Draw(picture)
    _draw_organisation(pen, shown_organisation)
    _draw_title(pen, shown_title, language=language)
    _draw_foot(picture, pen, _drawable(promise))
    return _encode(picture)


def _draw_organisation(pen: ImageDraw.ImageDraw, name: str) -> None:
    font = _font("Bold", LINE_POINTS)
    shown = _shorten(name, width=SIZE[0] - 2 * MARGIN, measure=font.getlength)
    pen.text((MARGIN, ORGANISATION_TOP), shown, font=font, fill=ACCENT, anchor="la")


def _draw_title(pen: ImageDraw.ImageDraw, title: str, *, language: str) -> None:
    leading = LEADING_HANGUL if language.split("-")[0] == "ko" else LEADING
    laid = _lay_out(title, width=SIZE[0] - 2 * MARGIN, leading=leading)
    font = _font("Bold", laid.points)
    step = round(laid.points * leading)
    # The capitals' middle, not the line box's, is what the eye takes for the middle.
    baseline = TITLE_MIDDLE + round(0.36 * laid.points) - step * (len(laid.lines) - 1) // 2
    for index, line in enumerate(laid.lines):
        pen.text((MARGIN - 3, baseline + index * step), line, font=font, fill=INK, anchor="ls")


def _draw_foot(picture: Image.Image, pen: ImageDraw.ImageDraw, promise: str) -> None:
    """A rule; under it what the answers bring, and at the right whose page it is."""
    left, right = MARGIN, SIZE[0] - MARGIN
    pen.rectangle((left, RULE_TOP, right - 1, RULE_TOP + 1), fill=LINE)
    wordmark = _font("Bold", LINE_POINTS)
    mark_left = right - round(wordmark.getlength(WORDMARK)) - MARK_PIXELS - 14
    mark = _mark()
    mark_top = FOOT_BASELINE - round(0.36 * LINE_POINTS) - MARK_PIXELS // 2
    picture.paste(mark, (mark_left, mark_top), mark)
    pen.text((right, FOOT_BASELINE), WORDMARK, font=wordmark, fill=ACCENT, anchor="rs")
    font = _font("Regular", LINE_POINTS)
    lines = _cut(
        promise, lines_max=FOOT_LINES_MAX, width=mark_left - left - 40, measure=font.getlength
    )
    top = FOOT_BASELINE - FOOT_STEP * (len(lines) - 1) // 2 - (8 if len(lines) > 1 else 0)
    for index, line in enumerate(lines):
        pen.text((left, top + index * FOOT_STEP), line, font=font, fill=INK_SOFT, anchor="ls")


def _encode(picture: Image.Image) -> bytes:
    """The picture with few colours, which halves its bytes, and its ground kept exact."""
    few = picture.quantize(COLOURS_MAX, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    file = io.BytesIO()
    few.save(file, "PNG", optimize=True)
    return file.getvalue()


@dataclass(frozen=True, slots=True)
class _Layout:
    points: int
    lines: tuple[str, ...]


def _lay_out(title: str, *, width: int, leading: float) -> _Layout:
    """The title as large as it goes into its place unbroken; else the smallest, cut short."""
    for points in TITLE_POINTS:
        measure = cache(_font("Bold", points).getlength)
        lines = _wrap(title, width=width, measure=measure)
        is_unbroken = all(measure(word) <= width for word in title.split(" "))
        is_low = len(lines) * points * leading <= TITLE_PIXELS_MAX
        if len(lines) <= TITLE_LINES_MAX and is_low and is_unbroken:
            return _Layout(points, tuple(_balance(title, lines, width=width, measure=measure)))
    cut = _cut(title, lines_max=TITLE_LINES_MAX, width=width, measure=measure)
    return _Layout(points, tuple(cut))


def _cut(text: str, *, lines_max: int, width: int, measure: Callable[[str], float]) -> list[str]:
    """The text in lines; if they are too many, the last one that is left is cut short."""
    lines = _wrap(text, width=width, measure=measure)
    if len(lines) <= lines_max:
        return lines
    rest = " ".join(lines[lines_max - 1 :])
    return [*lines[: lines_max - 1], _shorten(rest, width=width, measure=measure)]


def _wrap(text: str, *, width: int, measure: Callable[[str], float]) -> list[str]:
    """Lines that end between words, or inside a word that is wider than a line."""
    lines: list[str] = []
    line = ""
    for word in text.split(" "):
        joined = f"{line} {word}" if line else word
        if measure(joined) <= width:
            line = joined
            continue
        if line:
            lines.append(line)
        *full, line = _break(word, width=width, measure=measure)
        lines += full
    return [*lines, line]


def _break(word: str, *, width: int, measure: Callable[[str], float]) -> Iterator[str]:
    piece = ""
    for letter in word:
        if piece and measure(piece + letter) > width:
            yield piece
            piece = ""
        piece += letter
    yield piece


def _balance(
    text: str, lines: list[str], *, width: int, measure: Callable[[str], float]
) -> list[str]:
    """As many lines, but near one length: no last line of one short word."""
    widest_word = max(measure(word) for word in text.split(" "))
    for narrower in range(max(round(widest_word) + 1, width // 2), width, 16):
        balanced = _wrap(text, width=narrower, measure=measure)
        if len(balanced) == len(lines):
            return balanced
    return lines


def _shorten(text: str, *, width: int, measure: Callable[[str], float]) -> str:
    """The text if it fits in the width; else the words that fit, and an ellipsis."""
    if measure(text) <= width:
        return text
    low, high = 0, len(text)
    while high - low > 1:
        middle = (low + high) // 2
        is_fitting = measure(text[:middle].rstrip(" ") + "…") <= width
        low, high = (middle, high) if is_fitting else (low, middle)
    kept = text[:low]
    # One long last word is worth more in part than the hole that it would leave.
    if text[low] != " " and " " in kept[low // 2 :]:
        kept = kept.rpartition(" ")[0]
    return kept.rstrip(" .,;:…") + "…"


def _drawable(text: str) -> str:
    """The text in signs of the font, in one line; empty if too little of it would be left.

    A pictograph goes without a trace; a run of letters leaves an ellipsis, so that nobody takes
    the rest for the whole.
    """
    cut = text[: 4 * LETTERS_MAX]
    # Marks would stack beyond their line; the usual accented letters are one sign after NFC.
    signs = [
        sign
        for sign in unicodedata.normalize("NFC", " ".join(cut.split()))
        if unicodedata.category(sign) not in {"Mn", "Me", "Cf", "Cc", "Cs", "Co", "Cn"}
    ]
    letters = [sign for sign in signs if sign.isalnum()]
    if 2 * sum(map(_is_drawn, letters)) < len(letters):
        return ""
    marked = "".join(
        sign if sign == " " or _is_drawn(sign) else "\x01" if sign.isalnum() else "\x00"
        for sign in signs
    )
    spoken = re.sub(r"\x00*\x01[\x00\x01]*", "…", marked)
    joined = re.sub(r"\x00+", "", re.sub(r"(?<=\w)\x00+(?=\w)", " ", spoken))
    return " ".join(joined.split())[:LETTERS_MAX]


@lru_cache(maxsize=4096)
def _is_drawn(sign: str) -> bool:
    """Whether the font has the sign, and does not draw the box that stands for a missing one."""
    mask = _font("Regular", LINE_POINTS).getmask(sign)
    return bool(mask.getbbox()) and bytes(mask) != _missing()


@cache
def _missing() -> bytes:
    return bytes(_font("Regular", LINE_POINTS).getmask("\uffff"))


@cache
def _font(weight: str, points: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(FONTS / f"Pretendard-{weight}.woff2", points)


@cache
def _mark() -> Image.Image:
    """The three strands, drawn large and made small, because Pillow's own edges are hard."""
    scale = MARK_PIXELS * MARK_FINENESS / MARK_UNITS
    large = Image.new("RGBA", (MARK_PIXELS * MARK_FINENESS,) * 2, f"{GROUND}00")
    pen = ImageDraw.Draw(large)
    for colour, width, points in STRANDS:
        radius = width * scale / 2
        for x, y in [*_curve(points[:4]), *_curve(points[3:])]:
            pen.circle((x * scale, y * scale), radius, fill=colour)
    return large.resize((MARK_PIXELS, MARK_PIXELS), Image.Resampling.LANCZOS)


def _curve(points: tuple[Point, ...]) -> list[Point]:
    """Points along a Bézier curve, near enough to each other to pass for a line."""
    return [_at(points, step / 200) for step in range(201)]


def _at(points: tuple[Point, ...], part: float) -> Point:
    """De Casteljau's construction."""
    while len(points) > 1:
        points = tuple(map(partial(_between, part=part), pairwise(points)))
    return points[0]


def _between(ends: tuple[Point, Point], *, part: float) -> Point:
    (x0, y0), (x1, y1) = ends
    return x0 + (x1 - x0) * part, y0 + (y1 - y0) * part
