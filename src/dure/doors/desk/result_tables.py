"""Results as a table for people: a task in each row, in words and in the reader's language."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from itertools import islice
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urljoin

from django.utils.translation import gettext as _
from django.utils.translation import override

from dure.calls.models import Call, Media
from dure.calls.tasks.exporting_known import ROWS_AT_ONCE, Known, read_known
from dure.calls.tasks.models import Task, TaskState
from dure.calls.tasks.questions import RANKED_MAX
from dure.calls.tasks.results import read_said
from dure.doors.desk.cards import Part, show_card
from dure.doors.desk.tasks import name_state
from dure.doors.desk.verdicts.brief import head_sure, say_sure
from dure.doors.desk.verdicts.pairs import name_answers
from dure.doors.files.cells import defuse
from dure.doors.wording.answers import say_answer
from dure.doors.wording.saying import plain_number, read_text

UPLOADED = "/media/"


def write_table(call: Call, *, language: str, site: str) -> Iterator[bytes]:
    """CSV as Excel reads it; `site` is where addresses without a host lie."""
    with override(language):
        head = codecs.BOM_UTF8 + _lines([_head(call)])
    yield head
    with closing(read_known(call=call)) as every:
        while some := list(islice(every, ROWS_AT_ONCE)):
            with override(language):
                block = _lines(_rows(some, call=call, site=site))
            yield block


def _lines(rows: Iterable[Sequence[str]]) -> bytes:
    made = io.StringIO()
    csv.writer(made, lineterminator="\n").writerows([defuse(cell) for cell in row] for row in rows)
    return made.getvalue().encode()


def _head(call: Call) -> list[str]:
    unit = read_text(call.question.get("unit", ""), own=call.language)
    result = _("Result")
    sure = head_sure(call)
    return [
        _("Task"),
        # Beside a number it would keep a spreadsheet from counting with it.
        f"{result} ({unit})" if unit else result,
        *([sure] if sure else []),
        _("State"),
        _("Answers"),
        _("What is known to be true"),
        _("Key"),
    ]


def _rows(some: list[Known], *, call: Call, site: str) -> Iterator[list[str]]:
    cards = [show_card(one.row.task, call=call) for one in some]
    names = _names_of_files(
        [part.address for card in cards for part in card.parts if part.address],
        call=call,
    )
    has_sure = bool(head_sure(call))
    for one, card in zip(some, cards, strict=True):
        progress = one.row.progress
        yield [
            " · ".join(_say_part(part, names=names, site=site) for part in card.parts),
            _say_result(one, call=call),
            *([_say_sure(one)] if has_sure else []),
            name_state(TaskState(progress.state), call),
            str(progress.counted),
            _say_truth(one, call=call),
            one.row.task.key,
        ]


def _names_of_files(addresses: list[str], *, call: Call) -> dict[str, str]:
    """What files were called that were uploaded, by their tokens."""
    tokens = {_token(address) for address in addresses if address.startswith(UPLOADED)}
    found = Media.objects.filter(organisation_id=call.organisation_id, token__in=tokens)
    return dict(found.values_list("token", "name"))


def _token(address: str) -> str:
    return PurePosixPath(address).stem


def _say_part(part: Part, *, names: dict[str, str], site: str) -> str:
    said = str(part.words)
    if part.address:
        is_ours = part.address.startswith(UPLOADED)
        name = names.get(_token(part.address)) if is_ours else None
        said = name or urljoin(site, part.address)
    side = name_answers().get(part.place)
    return f"{side}: {said}" if side else said


def _say_result(one: Known, *, call: Call) -> str:
    """What was ruled, also before the next fit takes it up; else what the crowd says."""
    verdict, said = one.row.verdict, one.ruled
    if said is None:
        if verdict is None or not verdict.says_something:
            return ""
        said = read_said(verdict, question=call.question)
    if call.question["type"] == "number":
        return plain_number(said)
    return _say(said, task=one.row.task, call=call)


def _say_sure(one: Known) -> str:
    """Of the crowd's verdict alone: whoever ruled gave a reason instead."""
    return say_sure(one.row.verdict) if one.row.verdict and one.ruled is None else ""


def _say_truth(one: Known, *, call: Call) -> str:
    """A ruling stands above what was known from the start."""
    task = one.row.task
    if one.ruled is not None:
        told = {"truth": _say(one.ruled, task=task, call=call), "reason": one.reason}
        return _("%(truth)s (ruled: %(reason)s)") % told
    if task.gold is None:
        return ""
    return _("%(truth)s (known from the start)") % {"truth": _say(task.gold, task=task, call=call)}


def _say(value: Any, *, task: Task, call: Call) -> str:
    said = say_answer(
        value,
        question=call.question,
        content=task.content,
        own=call.language,
        items_max=RANKED_MAX,
    )
    return str(said)
