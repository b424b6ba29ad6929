"""The wizard's terms: how many people look at each task, what they get, what they see."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from dure.calls.creating import ANSWERS_MAX
from dure.calls.drafting import fields_of
from dure.calls.models import Call
from dure.calls.tasks.questions import can_be_sure, can_check
from dure.doors.desk.forms import Filled, Typed, read_number
from dure.doors.desk.promised import read_promise, show_promise
from dure.doors.wording.saying import spell_share

# How sure, and from how many: least, most and the target.
CARES: dict[str, tuple[int, int, float | None]] = {
    "quick": (1, 3, 0.9),
    "careful": (3, 5, 0.95),
    "thorough": (5, 9, 0.99),
}
# Another rule, which was given over the API.
OWN_RULE = "own"


def read_terms(typed: Typed, *, call: Call) -> Filled:
    form = Filled(typed, show_terms(call))
    kept = fields_of(call)
    topics = typed.get("topics", [])
    form.fields = {
        "answers": _read_rule(form, call),
        "visibility": form.get("visibility") or "sealed",
        "promise": read_promise(form, before=kept["promise"], can_check=can_check(call.question)),
        "topics": kept["topics"] if set(topics) == set(kept["topics"]) else topics,
    }
    return form


def show_terms(call: Call) -> Typed:
    return {
        "care": [_care_of(call)],
        "exact": [str(call.answers_max)],
        "visibility": [call.visibility],
        **show_promise(call.promise),
        "topics": list(call.topics),
    }


def own_rule(call: Call) -> dict[str, Any] | None:
    """A call's rule, if the form has no care for it: how many look at least, at most, how sure."""
    if _care_of(call) != OWN_RULE:
        return None
    target = call.answers_target
    return {
        "least": call.answers_min,
        "most": call.answers_max,
        "sure": "" if target is None else spell_share(target),
    }


def _care_of(call: Call) -> str:
    if not can_be_sure(call.question):
        return "exact"
    rule = (call.answers_min, call.answers_max, call.answers_target)
    if call.answers_min == call.answers_max and call.answers_target is None:
        return "exact"
    return next((name for name, care in CARES.items() if care == rule), OWN_RULE)


def _read_rule(form: Filled, call: Call) -> dict[str, Any]:
    """When a task has answers enough; a care is offered only where the engine can be sure."""
    care = form.get("care") if can_be_sure(call.question) else "exact"
    if care in CARES:
        least, most, target = CARES[care]
        return {"min": least, "max": most, "target": target}
    if care == OWN_RULE or (care == _care_of(call) and form.is_untouched("exact")):
        kept: dict[str, Any] = fields_of(call)["answers"]
        return kept
    exact = read_number(form, "exact", whole=True)
    if exact is None or not 1 <= exact <= ANSWERS_MAX:
        form.advices["exact"] = _("Please give a number of people from 1 to 1,000.")
        exact = 1
    return {"min": exact, "max": exact, "target": None}
