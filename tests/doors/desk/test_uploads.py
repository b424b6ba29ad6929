"""Files become tasks: tables after a look at their columns, pictures at once, a ZIP of both."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from PIL import Image

from dure.calls.models import Call
from dure.calls.tasks.models import Task
from tests.doors.desk.office import Office, make_office

pytestmark = pytest.mark.django_db
KOREAN = "번호,문장,정답\n1,새가 앉아 있다,네\n2,고양이,아니요\n3,어느 쪽?,글쎄\n".encode("cp949")
QUESTION = {
    "type": "choice", "text": "Bird?",
    "options": [{"value": "yes", "label": {"ko": "네", "en": "Yes"}},
                {"value": "no", "label": {"ko": "아니요", "en": "No"}}],
}  # fmt: skip


@pytest.fixture
def office() -> Office:
    return make_office(n_tasks=0, state="draft", question=QUESTION, language="ko")


def picture(colour: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (20, 20), colour).save(out, "PNG")
    return out.getvalue()


def named(name: str, content: bytes) -> io.BytesIO:
    file = io.BytesIO(content)
    file.name = name
    return file


def send(client: Client, office: Office, *files: io.BytesIO) -> Any:
    address = reverse("desk-upload", args=[office.organisation.slug, office.call.pk])
    return client.post(address, {"files": list(files)})


def tasks(call: Call) -> list[tuple[str, Any, Any]]:
    found = Task.objects.filter(call=call).order_by("key")
    return list(found.values_list("key", "content", "gold"))


def chosen(page: str) -> dict[str, str]:
    """What each column is taken for, as the page offers it."""
    found = {}
    for name, options in re.findall(r'<select name="(column-\d)">(.*?)</select>', page, re.DOTALL):
        picked = re.search(r'value="(\w*)" selected', options)
        found[name] = picked[1] if picked else ""
    return found


def test_korean_excel_csv_is_understood_and_its_bad_lines_are_told(office: Office) -> None:
    client = office.client("editor")

    looked = client.get(send(client, office, named("문제.csv", KOREAN)).headers["Location"])
    mapping = chosen(looked.content.decode())
    assert mapping == {"column-0": "key", "column-1": "text", "column-2": "gold"}
    done = client.post(looked.request["PATH_INFO"], mapping).content.decode()

    assert tasks(office.call) == [
        ("1", {"text": "새가 앉아 있다"}, "yes"), ("2", {"text": "고양이"}, "no")
    ]  # fmt: skip
    assert re.search(r'<th scope="row" class="amount">4</th><td>gold does not answer', done)


def test_same_file_twice_adds_nothing_twice(office: Office) -> None:
    client = office.client("editor")
    table = b"sentence\nA gull\nA cat\n"

    for _ in range(2):
        where = send(client, office, named("x.csv", table)).headers["Location"]
        done = client.post(where, {"column-0": "text"}).content.decode()

    assert len(tasks(office.call)) == 2
    assert "2 were there already." in done


def test_pictures_become_tasks_at_once(office: Office) -> None:
    files = [named("b.png", picture("red")), named("a.png", picture("blue"))]

    reply = send(office.client("editor"), office, *files)

    assert reply.status_code == 200
    assert [(key, list(content)) for key, content, _ in tasks(office.call)] == [
        ("a.png", ["image"]), ("b.png", ["image"])
    ]  # fmt: skip


def test_zip_of_table_and_pictures_joins_them_by_name(office: Office) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.png", picture("red"))
        archive.writestr("tasks.csv", "id,photo,text\n1,a.png,Is it red?\n")
    client = office.client("editor")

    where = send(client, office, named("all.zip", packed.getvalue())).headers["Location"]
    client.post(where, {"column-0": "key", "column-1": "image", "column-2": "text"})

    ((key, content, _),) = tasks(office.call)
    assert key == "1"
    assert content["text"] == "Is it red?"
    assert re.fullmatch(r"/media/\S+\.webp", content["image"])


def test_table_without_anything_to_look_at_is_refused_in_its_place(office: Office) -> None:
    client = office.client("editor")
    where = send(client, office, named("x.csv", b"a,b\n1,2\n")).headers["Location"]

    reply = client.post(where, {"column-0": "key"})

    assert reply.status_code == 422
    assert "Say which column holds what people look at" in reply.content.decode()
    assert tasks(office.call) == []


@pytest.mark.parametrize(
    ("name", "content"),
    [("x.xlsx", b"no workbook"), ("x.zip", b"no zip"), ("x.png", b"no picture"), ("x.csv", b""),
     ("x.jsonl", b"{{{"), ("x.csv", b"\x00\xff" * 50)],
)  # fmt: skip
def test_nonsense_is_told_and_adds_nothing(office: Office, name: str, content: bytes) -> None:
    client = office.client("editor")

    reply = send(client, office, named(name, content))
    while reply.status_code == 302:
        reply = client.get(reply.headers["Location"])

    assert reply.status_code in (200, 422)
    assert tasks(office.call) == []
