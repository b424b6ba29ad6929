"""Whatever is sent to the desk and the square: a sentence, never an error of ours."""

from __future__ import annotations

import io
from typing import Any

import pytest

from tests.doors.desk.office import Office, make_office
from tests.doors.desk.places import make_town

pytestmark = pytest.mark.django_db
JUNK = ["", "\0", "'\"><script>alert(1)</script>", "-1", "9" * 30, "١٢", "🎣" * 500, "%s{0}{a!r}",
        "null", "[[]]", "1e999", "../../etc/passwd", "a\r\nSet-Cookie: x=1"]  # fmt: skip
FIELDS = [
    "words", "state", "below", "after", "before", "what", "form", "role", "email", "scope", "name",
    "about", "step", "value", "reason", "kind", "template", "languages", "type", "title_ko",
    "text_ko", "options_ko", "min", "max", "care", "exact", "promise", "amount", "currency",
    "visibility", "topics", "lines", "column-0", "stop", "tasks", "once", "pool", "percent", "cap",
    "until", "report_months", "base", "first", "last", "note", "evidence", "text", "settlement",
    "is_last", "nothing",
]  # fmt: skip


@pytest.mark.parametrize("junk", JUNK)
@pytest.mark.parametrize("state", ["open", "draft"])
def test_desk_takes_any_words_without_an_error(junk: str, state: str) -> None:
    town = make_town(state=state)
    client = Office(town.organisation, town.call).client("owner")
    ours = [place for place in town.places() if place.name.startswith("desk-")]
    assert len(ours) > 30

    # A draft that was thrown away has no other pages any more.
    for place in sorted(ours, key=lambda place: place.name == "desk-discard"):
        address = place.path
        fields: dict[str, Any] = dict.fromkeys(FIELDS, junk)
        for reply in (
            client.get(address, fields),
            client.post(address, {**fields, "files": io.BytesIO(junk.encode())}),
            client.post(address, fields, headers={"HX-Request": "true"}),
        ):
            assert reply.status_code < 500, (address, reply.status_code)
            if not getattr(reply, "is_async", False):
                # Read to its end, also so that files are closed.
                assert b"<script>alert" not in reply.getvalue(), address


@pytest.mark.parametrize("junk", JUNK)
def test_square_takes_any_words_without_an_error(junk: str) -> None:
    office = make_office()
    client = office.client("nobody")

    for path in ("/", "/o/harbour/", f"/c/{office.call.slug}/about", "/feed.atom",
                 f"/c/{office.call.slug}/preview.png", "/account/login/"):  # fmt: skip
        fields = dict.fromkeys(
            ["q", "topic", "language", "minutes", "promise", "after", "lang", "next", "login"], junk
        )
        for reply in (client.get(path, fields), client.post(path, fields)):
            assert reply.status_code < 500, path
            assert b"<script>alert" not in reply.content, path


@pytest.mark.parametrize("path", ["/desk/welcome/" + "x" * 400, "/desk/welcome/%00", "/desk/o/new",
                                  "/c/preview/99999999999999999999"])  # fmt: skip
def test_addresses_that_lead_nowhere_say_so(path: str) -> None:
    assert make_office().client("owner").get(path).status_code == 404
