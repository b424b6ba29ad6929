"""What the phone's own code starts from."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path

import pytest
from django.test import Client

import dure
from dure.doors.phone.pages import modules_for
from dure.doors.phone.words import all_words
from tests.factories import make_call

PHONE = Path(dure.__file__).parent / "doors" / "static" / "dure" / "phone"
pytestmark = pytest.mark.django_db


def page_of(content: str) -> dict[str, object]:
    found = re.search(r'data-page="([^"]*)"', content)
    assert found is not None
    return dict(json.loads(html.unescape(found.group(1))))


def test_page_holds_the_call_the_task_and_the_key(client: Client) -> None:
    call = make_call()

    page = page_of(client.get(f"/c/{call.slug}/").content.decode())

    assert page["call"] == {
        "slug": call.slug,
        "title": "A call",
        "language": "en",
        "state": "open",
        "visibility": "sealed",
        "question": call.question,
    }
    assert page["task"]["content"] == {"text": "Task 1"}  # type: ignore[index]
    assert page["token"] == client.cookies["dure_person"].value
    assert page["answered"] == 0


def test_no_address_can_put_its_own_words_into_the_page(client: Client) -> None:
    call = make_call()

    content = client.get(f"/c/{call.slug}/?fate=accepted&answer=dure_p_guess&x=guess").content

    assert b"guess" not in content


def test_every_page_is_rendered_anew(client: Client) -> None:
    call = make_call()

    first, second = (page_of(client.get(f"/c/{call.slug}/").content.decode()) for _ in range(2))

    assert first["render"] != second["render"]


def test_every_word_that_the_code_says_is_in_every_language() -> None:
    said = {
        name
        for file in PHONE.glob("*.js")
        for name in re.findall(r'\bsay\(\s*"(\w+)"', file.read_text())
    }

    for language, words in all_words().items():
        assert said - set(words) == set(), language


TYPES = [("choice", True), ("number", True), *[
    (kind, False) for kind in ("choice", "multi", "number", "text", "pair", "rank", "box")
]]  # fmt: skip


@pytest.mark.parametrize(("kind", "predict"), TYPES)
def test_modules_of_each_type_are_what_it_imports(kind: str, *, predict: bool) -> None:
    imported = set()
    wanted = ["phone.js", f"{kind}.js", *(["predict.js"] if predict else [])]
    while wanted:
        name = wanted.pop()
        if name not in imported:
            imported.add(name)
            wanted += re.findall(r'from "\./(\w+\.js)"', (PHONE / name).read_text())
    assert set(modules_for({"type": kind, "predict": predict})) == imported - {"phone.js"}
