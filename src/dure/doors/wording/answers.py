"""What an answer or a verdict says, in a person's words, whatever was asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from dure.calls.tasks.contents import name_items, picture_of
from dure.calls.texts import Text, Words
from dure.doors.wording.saying import read_text, spell_number, spell_range

ITEMS_SAID_MAX = 10


def say_answer(
    value: Any,
    *,
    question: dict[str, Any],
    content: dict[str, Any],
    own: str,
    items_max: int = ITEMS_SAID_MAX,
) -> Words:
    """A value in one line; `own` is the call's language, in which what people wrote is."""
    kind = question["type"]
    if kind == "number":
        unit = read_text(question.get("unit", ""), own=own)
        return Words(f"{spell_number(value)} {unit}".strip(), unit.language)
    if kind == "text":
        return Words(str(value), own)
    if kind == "pair":
        return _say_side(str(value), content=content, own=own)
    if kind == "box":
        return _say_boxes(value, question=question, own=own)
    labels = _labels_of(question) or _names_of(content, own=own)
    if kind == "choice":
        return _label(value, labels=labels, own=own)
    said = [_label(one, labels=labels, own=own) for one in value]
    if not said:
        return _ours(_("none of them"))
    if kind == "rank":
        return Words(_in_order(said, items_max), said[0].language)
    return Words(", ".join(map(str, said)), said[0].language)


def spell_between(low: float | None, high: float | None) -> str:
    """Where something lies, as a range; empty where it has no bounds."""
    if low is None or high is None:
        return ""
    return spell_range(spell_number(low), spell_number(high))


def say_item(item: str, *, question: dict[str, Any], own: str, name: Text | None = None) -> Words:
    """What is compared or ranked, by its label where it is an option, or its `name`."""
    if name:
        return read_text(name, own=own)
    return _label(item, labels=_labels_of(question), own=own)


def _in_order(said: Sequence[Words], items_max: int) -> str:
    shown = [f"{place}. {one}" for place, one in enumerate(said[:items_max], start=1)]
    return " ".join([*shown, "…"] if len(said) > items_max else shown)


def _labels_of(question: dict[str, Any]) -> dict[str, Text]:
    return {option["value"]: option["label"] for option in question.get("options") or []}


def _names_of(content: dict[str, Any], *, own: str) -> dict[str, Text]:
    """The items of a task in every language there is, by what answers call them."""
    return dict(zip(name_items(content, own=own), content.get("items", []), strict=True))


def _label(value: str, *, labels: dict[str, Text], own: str) -> Words:
    return read_text(labels.get(value, value), own=own)


def _say_side(value: str, *, content: dict[str, Any], own: str) -> Words:
    part = content.get(value)
    if picture_of(part):
        return _ours(_("the left one") if value == "left" else _("the right one"))
    return _ours(_("both alike")) if part is None else read_text(part, own=own)


def _say_boxes(boxes: list[dict[str, Any]], *, question: dict[str, Any], own: str) -> Words:
    if not boxes:
        return _ours(_("nothing there"))
    labels = _labels_of(question)
    if not labels:
        return _ours(ngettext("%(n)d box", "%(n)d boxes", len(boxes)) % {"n": len(boxes)})
    named = [_label(box["label"], labels=labels, own=own) for box in boxes if box.get("label")]
    names = [str(one) for one in named]
    counted = ", ".join(
        name if (n := names.count(name)) == 1 else f"{name} × {n}" for name in dict.fromkeys(names)
    )
    return Words(counted, named[0].language if named else own)


def _ours(said: str) -> Words:
    """What the page itself says is in the reader's language."""
    return Words(said, get_language() or "")
