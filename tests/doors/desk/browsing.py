"""What a browser sends of a page's form if nobody touches it."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from django.test import Client

Fields = dict[str, list[str]]
LINE_ENDS = re.compile(r"\r\n|\r|\n")


def read_form(page: str, *, holding: str) -> Fields:
    """The fields of the page's form that holds a field of this name, with what stands in them."""
    parser = _Forms()
    parser.feed(page)
    parser.close()
    return next(fields for names, fields in parser.forms if holding in names)


def send_untouched(client: Client, address: str, *, holding: str, **pressed: str) -> int:
    """Open a page and send its form as it is; gives the reply's status."""
    fields = read_form(client.get(address).content.decode(), holding=holding)
    return client.post(address, {**fields, **pressed}).status_code


class _Forms(HTMLParser):
    """Each form's fields, as far as the desk uses HTML."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[set[str], Fields]] = []
        self._area: tuple[str, list[str]] | None = None
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        name = given.get("name", "")
        if tag == "form":
            self.forms.append((set(), {}))
        elif tag == "input" and name:
            is_box = given.get("type") in ("checkbox", "radio")
            # A field of one line holds no ends of lines.
            value = LINE_ENDS.sub("", given.get("value", ""))
            self._put(name, value if not is_box or "checked" in given else None)
        elif tag == "textarea":
            self._area = (name, [])
        elif tag == "select":
            self._select = name
        elif tag == "option" and "selected" in given:
            self._put(self._select, given.get("value", ""))

    def handle_data(self, data: str) -> None:
        if self._area:
            self._area[1].append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._area:
            name, words = self._area
            # An end of line just behind the tag is not the text's own; each is sent as two signs.
            text = LINE_ENDS.sub("\r\n", "".join(words)).removeprefix("\r\n")
            self._put(name, text)
            self._area = None

    def _put(self, name: str, value: str | None) -> None:
        if not self.forms or not name:
            return
        names, fields = self.forms[-1]
        names.add(name)
        if value is not None:
            fields.setdefault(name, []).append(value)
