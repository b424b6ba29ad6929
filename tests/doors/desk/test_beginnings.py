"""The templates' own examples: their pictures are there, and show what is asked about."""

from __future__ import annotations

from django.contrib.staticfiles import finders

from dure.doors.desk.beginnings import all_beginnings


def test_every_picture_of_a_template_is_there() -> None:
    shown = [
        content["image"]
        for one in all_beginnings()
        for content in one.contents
        if "image" in content
    ]

    assert len(shown) == 13
    assert [image for image in shown if finders.find(image.removeprefix("/static/")) is None] == []


def test_signs_have_one_answer_each_and_words_where_they_are_to_be_written_down() -> None:
    images, transcribed = (
        next(one for one in all_beginnings() if one.key == key) for key in ("images", "transcribe")
    )

    assert len(images.contents) == len(images.call["question"]["options"])
    assert {content["image"].split("/")[-1][:5] for content in transcribed.contents} == {"words"}
