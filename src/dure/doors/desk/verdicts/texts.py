"""What people wrote: one spelling for each thing they meant, the likeliest first."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dure.calls.models import Call
from dure.calls.tasks.models import Verdict
from dure.calls.tasks.tables import TaskInFull
from dure.calls.texts import Words
from dure.doors.desk.verdicts.parts import Drawn, Measured, length_of
from dure.doors.wording.saying import spell_share

TEMPLATE = "desk/verdicts/_texts.html"


def draw_texts(_found: TaskInFull, verdict: Verdict, call: Call) -> Drawn:
    texts = (verdict.value or {}).get("texts") or []
    total = sum(one["answers"] for one in texts)
    rows = [_draw(one, verdict, total=total, call=call) for one in texts]
    return Drawn(_say(verdict, texts, total=total), TEMPLATE if rows else "", rows)


def _draw(one: dict[str, Any], verdict: Verdict, *, total: int, call: Call) -> Measured:
    others = [spelling for spelling in one.get("spellings", []) if spelling != one["text"]]
    share = one["answers"] / total if total else 0.0
    return Measured(
        name=Words(one["text"], call.language),
        length=length_of(share),
        words=_("%(n)s of %(all)s answers") % {"n": one["answers"], "all": total},
        more=_("%(share)s likely right") % {"share": spell_share(one["probability"])},
        note=_("also written: %(texts)s") % {"texts": " · ".join(others)} if others else "",
        is_chosen=one["text"] == verdict.label,
    )


def _say(verdict: Verdict, texts: list[dict[str, Any]], *, total: int) -> str:
    if verdict.label is None:
        return ""
    if verdict.probability is None:
        told = f"“{verdict.label}”"
    else:
        told = _("“%(text)s”, %(share)s sure.") % {
            "text": verdict.label,
            "share": spell_share(verdict.probability),
        }
    n = next((one["answers"] for one in texts if one["text"] == verdict.label), 0)
    if not n:
        return told
    counted = ngettext(
        "%(n)s of %(all)s answers says this or nearly this.",
        "%(n)s of %(all)s answers say this or nearly this.",
        n,
    ) % {"n": n, "all": total}
    return f"{told} {counted}"
