from __future__ import annotations

import io

import pytest
from PIL import Image

from dure.doors.square.pictures import GROUND, MARGIN, SIZE, draw_preview

BYTES_MAX = 80_000
# The first letters of a line begin a little before the margin, and slanted strokes end after it.
BORDER = MARGIN - 12

NASTY_TITLES = [
    "",
    " ",
    "\n\t\r",
    "\x00\x01\x1b[31mred\x7f",
    "a\x00b",
    "\u200b\u200d\ufeff",
    "\u202eright to left\u202c",
    "\u2066isolated\u2069",
    "line\u2028separator\u2029here",
    "two\nlines\nand\nmore\nand\nmore",
    "مرحبا بالعالم",
    "שלום עולם",
    "Hello שלום مرحبا",
    "سؤال " * 300,
    "🎉",
    "🎉" * 500,
    "👩‍👩‍👧‍👦 family 🏳️‍🌈",
    "1️⃣ 2️⃣ 3️⃣",
    "🇰🇷🇩🇪",
    "👍🏽 yes 👎🏿 no",
    "Z̸̡̛̗͎̱͔ͭ͆͌̒a̷͓̽l̵̢͠g̴̛̻o̶̡͝" + "\u0301" * 500,
    "\u0301\u0302\u0303",
    "한글",
    "\u1112\u1161\u11ab\u1100\u1173\u11af",
    "\u3164\u3164\u115f",
    "意見を集めます",
    "日本語のとても長い題名" * 50,
    "ﷺ﷽𒐫𒈙",
    "𝕯𝖚𝖗𝖊",
    "\ud800\udfff",
    "\ue000\uf8ff\uffff\U0010ffff",
    "a" * 10_000,
    "가" * 10_000,
    "W" * 10_000,
    "i " * 5_000,
    "뷁 " * 5_000,
    "....................",
    "…" * 1_000,
    "<b>&amp;</b>{{ title }}%s\\n",
    "ÄÖÜß ŁŚŻ ЖЩ Ωλ ắ ệ",
    "pneumonoultramicroscopicsilicovolcanoconiosis " * 20,
    "gjpqy_|()[]{}@ÅÊ" * 30,
]


def preview(
    title: str = "이 말은 기분이 좋은가요?",
    *,
    organisation: str = "서울 두레 연구회",
    promise: str = "Answers are paid.",
    language: str = "ko",
) -> bytes:
    return draw_preview(title=title, organisation=organisation, promise=promise, language=language)


def opened(file: bytes) -> Image.Image:
    return Image.open(io.BytesIO(file))


def border_colours(file: bytes) -> set[object]:
    """Every colour outside the margins."""
    picture = opened(file).convert("RGB")
    width, height = picture.size
    strips = [
        (0, 0, width, BORDER - 12),
        (0, height - BORDER + 12, width, height),
        (0, 0, BORDER, height),
        (width - BORDER, 0, width, height),
    ]
    return {
        colour for strip in strips for _, colour in picture.crop(strip).getcolors(1 << 24) or []
    }


def drawn(file: bytes) -> tuple[int, int]:
    """Where the title begins and ends, from the top."""
    title = opened(file).convert("RGB").crop((0, 130, SIZE[0], 460))
    rows = [
        row
        for row in range(title.height)
        if title.crop((0, row, SIZE[0], row + 1)).getcolors() != [(SIZE[0], ground())]
    ]
    return rows[0] + 130, rows[-1] + 130


def ground() -> tuple[int, ...]:
    return tuple(bytes.fromhex(GROUND[1:]))


def test_preview_is_a_png_of_the_size_that_open_graph_asks_for() -> None:
    picture = opened(preview())

    assert (picture.format, picture.size) == ("PNG", (1200, 630))


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("title", NASTY_TITLES, ids=range(len(NASTY_TITLES)))
def test_any_text_leaves_the_margins_free_and_the_file_small(title: str, language: str) -> None:
    file = preview(title, organisation=title, promise=title, language=language)

    assert (border_colours(file), len(file) < BYTES_MAX) == ({ground()}, True)


def test_different_words_give_different_pictures() -> None:
    files = {
        preview(),
        preview("이 말은 기분이 나쁜가요?"),
        preview(organisation="부산 두레 연구회"),
        preview(promise="Volunteers help here."),
    }

    assert len(files) == 4


def test_same_words_give_the_same_bytes() -> None:
    assert preview() == preview()


def test_pictographs_and_control_signs_leave_no_trace() -> None:
    assert preview("🎉 Rate\x00 words 👩‍👩‍👧") == preview("Rate words")


def test_decomposed_hangul_is_drawn_as_whole_syllables() -> None:
    assert preview("\u1112\u1161\u11ab\u1100\u1173\u11af") == preview("한글")


def test_letters_that_the_font_lacks_leave_an_ellipsis() -> None:
    assert preview("의견(意見) 모으기") == preview("의견(…) 모으기")


@pytest.mark.parametrize("title", ["", "🎉", "مرحبا بالعالم"])
def test_organisation_stands_in_for_a_title_that_cannot_be_drawn(title: str) -> None:
    instead = preview("서울 두레 연구회", organisation="")

    assert preview(title) == instead


def test_wordmark_stands_in_for_a_call_without_any_words() -> None:
    assert preview("", organisation="") == preview("Dure 두레", organisation="")


def test_long_title_ends_in_an_ellipsis_after_its_last_whole_word() -> None:
    sentence = "Which of these hundreds of old photographs of markets show people who sell fish"

    assert preview(f"{sentence} " * 4, language="en") == preview(
        f"{sentence} " * 4 + "and much more", language="en"
    )


def test_long_promise_goes_on_in_a_second_line_and_keeps_its_last_word() -> None:
    promise = "No pay. You help as a volunteer, and we thank you for it."

    assert preview(promise=promise) != preview(promise=promise.replace("for it", "for that"))


def test_title_stays_between_the_organisation_and_the_rule() -> None:
    long = preview("우리 동네 정류장 사진에서 휠체어가 지나갈 길을 함께 가려 주세요 " * 9)

    top, bottom = drawn(long)

    assert (top >= 150, bottom <= 440) == (True, True)
