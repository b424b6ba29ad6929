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
from procrastinate.contrib.django.models import ProcrastinateJob

from dure.calls.models import Call, Upload
from dure.calls.tasks import uploading
from dure.calls.tasks.models import Task
from dure.calls.tasks.uploading import fail_upload, import_upload
from dure.doors.desk.uploads import read_rows
from tests.calls.media import corpus
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


@pytest.fixture
def in_the_background(monkeypatch: pytest.MonkeyPatch) -> None:
    """However small, an upload waits for its job."""
    monkeypatch.setattr(uploading, "TABLE_BYTES_AT_ONCE_MAX", 0)
    monkeypatch.setattr(uploading, "FILES_AT_ONCE_MAX", 0)


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


def packed(files: dict[str, bytes]) -> io.BytesIO:
    return named("all.zip", corpus.packed(files))


def listed(page: str) -> dict[str, str]:
    """What the page says was not used, and why."""
    return dict(re.findall(r"<li><strong>(.*?)</strong> (.*?)</li>", page))


def test_same_name_in_two_folders_of_a_zip_is_two_tasks(office: Office) -> None:
    files = {"cat/1.png": picture("red"), "dog/1.png": picture("blue")}

    reply = send(office.client("editor"), office, packed(files))

    found = tasks(office.call)
    assert reply.status_code == 200
    assert [key for key, _, _ in found] == ["cat/1.png", "dog/1.png"]
    assert found[0][1]["image"] != found[1][1]["image"]


def test_cells_with_a_folder_find_their_picture(office: Office) -> None:
    table = b"id,photo\n1,cat/1.png\n2,dog/1.png\n3,2.png\n4,1.png\n5,3.png\n"
    files = {"all/cat/1.png": picture("red"), "all/dog/1.png": picture("blue"),
             "all/dog/2.png": picture("green"), "all/tasks.csv": table}  # fmt: skip
    client = office.client("editor")

    where = send(client, office, packed(files)).headers["Location"]
    page = client.post(where, {"column-0": "key", "column-1": "image"}).content.decode()

    found = tasks(office.call)
    assert [key for key, _, _ in found] == ["1", "2", "3"]
    assert len({content["image"] for _, content, _ in found}) == 3
    assert listed(page) == {}
    reasons = re.findall(r'<th scope="row" class="amount">(\d)</th><td>(.*?)</td>', page)
    assert reasons[0] == (
        "5", "There are 2 files called &#x27;1.png&#x27;; write its folder before it."
    )  # fmt: skip
    assert [line for line, _ in reasons] == ["5", "6"]


def test_tables_and_files_that_were_not_used_are_named(office: Office) -> None:
    table = b"id,text\n1,A gull\n"
    members = {"c/d.csv": table, "pets/bad.svg": b"<svg/>", "e.png": picture("red")}
    sent = [named("a.csv", table), named("b.csv", table), packed(members)]
    client = office.client("editor")

    where = send(client, office, *sent).headers["Location"]
    looked = listed(client.get(where).content.decode())
    page = client.post(where, {"column-0": "key", "column-1": "text"}).content.decode()

    only_one = "Only one table is read at a time. Send this one by itself."
    assert looked == {"b.csv": only_one, "c/d.csv": only_one}
    assert listed(page) == {**looked, "pets/bad.svg": corpus.NO_SVG}
    assert [key for key, _, _ in tasks(office.call)] == ["1"]


def test_picture_that_is_refused_alone_is_named(office: Office) -> None:
    page = send(office.client("editor"), office, named("x.png", b"no picture")).content.decode()

    assert list(listed(page)) == ["x.png"]


@pytest.mark.usefixtures("in_the_background")
def test_large_table_comes_in_behind_a_page_that_tells_how_far_it_is(office: Office) -> None:
    client = office.client("editor")
    where = send(client, office, named("x.csv", b"sentence\nA gull\nA cat\n")).headers["Location"]
    asks = f'hx-get="{where}"'

    confirmed = client.post(where, {"column-0": "text"})
    twice = client.post(where, {"column-0": "text"}).content.decode()
    waiting = client.get(where).content.decode()
    Upload.objects.update(state="running", n_read=1_000)
    running = client.get(where, headers={"HX-Request": "true"}).content.decode()
    jobs_asked = ProcrastinateJob.objects.filter(task_name="import_upload")
    ids = [job.args["upload_id"] for job in jobs_asked]
    import_upload(upload_id=ids[0], read=read_rows)
    done = client.get(where, headers={"HX-Request": "true"}).content.decode()

    assert (confirmed.status_code, confirmed.headers["Location"]) == (302, where)
    assert len(ids) == 1
    for page in (twice, waiting, running):
        assert asks in page
        # Without JavaScript one asks again by hand.
        assert f'<a class="side-button" href="{where}">See how far it is</a>' in page
    assert "waiting for its turn" in waiting
    assert "1,000 lines read so far" in running
    assert "<html" not in running
    assert asks not in done
    assert "2 tasks added" in done
    assert len(tasks(office.call)) == 2


@pytest.mark.usefixtures("in_the_background")
def test_import_that_failed_says_so_and_can_be_done_again(office: Office) -> None:
    client = office.client("editor")
    where = send(client, office, named("x.csv", b"sentence,more\nA gull,x\n")).headers["Location"]
    client.post(where, {"column-0": "text"})
    (kept,) = Upload.objects.all()

    fail_upload(upload_id=kept.pk, reason="It could not be read (the disk is away).")
    page = client.get(where).content.decode()
    mapping = chosen(client.get(f"{where}?again=1").content.decode())
    client.post(where, mapping)
    import_upload(upload_id=kept.pk, read=read_rows)

    assert "It could not be read (the disk is away)." in page
    assert "hx-get" not in page.split('class="wizard"')[1]
    assert f'href="{where}?again=1"' in page
    assert mapping == {"column-0": "text", "column-1": ""}
    assert len(tasks(office.call)) == 1


@pytest.mark.usefixtures("in_the_background")
def test_many_pictures_come_in_behind_their_page(office: Office) -> None:
    client = office.client("editor")

    reply = send(client, office, packed({"a/1.png": picture("red"), "b/1.png": picture("blue")}))
    page = client.get(reply.headers["Location"]).content.decode()
    (kept,) = Upload.objects.all()
    import_upload(upload_id=kept.pk, read=read_rows)
    done = client.get(reply.headers["Location"]).content.decode()

    assert "Your tasks are on their way" in page
    assert "2 tasks added" in done
    assert "Choose the columns again" not in done
    assert [key for key, _, _ in tasks(office.call)] == ["a/1.png", "b/1.png"]


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
