"""What the server hands the phone's own code with a call's page, and the parts in each language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import orjson
from django.conf import settings
from django.utils.translation import get_language, override

from dure.calls.shares.statements import PublicSums
from dure.doors.phone.closing import Finished, FinishedShown, show_finished
from dure.doors.phone.showing import CallShown, show_call
from dure.doors.phone.words import all_words
from dure.doors.wording.saying import spell_promise_briefly

MODULES = (
    "drawing.js", "holding.js", "leaving.js", "loans.js", "network.js", "news.js", "over.js",
    "presence.js", "queue.js", "status.js", "store.js", "task.js",
)  # fmt: skip
# What a type of question is made of, beside what every page loads.
MODULES_OF_TYPE = {
    "pair": ("choice.js", "pair.js"),
    "box": ("box.js", "geometry.js", "pointing.js"),
}

# After this many answers somebody may want to keep what they did.
KEEP_AFTER = 5


@dataclass(frozen=True, slots=True)
class InLanguage:
    """The call as the parts of the page show it in one language."""

    language: str
    call: CallShown
    finished: FinishedShown | None


def show_languages(
    call: dict[str, Any], finished: Finished | None, *, sums: PublicSums | None
) -> list[InLanguage]:
    return [_show_in(language, call, finished, sums) for language, _name in settings.LANGUAGES]


def _show_in(
    language: str, call: dict[str, Any], finished: Finished | None, sums: PublicSums | None
) -> InLanguage:
    with override(language):
        shown = show_call(call, sums=sums)
        return InLanguage(language, shown, show_finished(finished, shown) if finished else None)


def page_for_phone(
    joined: dict[str, Any],
    *,
    key: str,
    task: dict[str, Any] | None,
    more: bool,
    n_answers: int,
) -> str:
    """All that phone.js starts from, as JSON; see Page in types.d.ts."""
    call = joined["call"]
    page = {
        "call": {
            name: call[name]
            for name in ("slug", "title", "language", "state", "visibility", "question")
        },
        "task": task,
        "more": more,
        "leaseMs": call["lease_s"] * 1000,
        "token": key,
        "language": get_language(),
        "words": all_words(),
        "promise": _promise_briefly(call["promise"]),
        "answered": n_answers,
        "keepAfter": KEEP_AFTER,
        "render": str(uuid4()),
    }
    return orjson.dumps(page).decode()


def _promise_briefly(promise: dict[str, Any]) -> dict[str, str]:
    """In each language; it shows until the first answer is given."""
    briefly = {}
    for language, _name in settings.LANGUAGES:
        with override(language):
            briefly[language] = spell_promise_briefly(promise)
    return briefly


def page_for_preview(call: dict[str, Any], *, tasks: list[dict[str, Any]]) -> str:
    """All that preview.js starts from, as JSON."""
    page = {
        "call": {name: call[name] for name in ("slug", "language", "question")},
        "tasks": tasks,
        "language": get_language(),
        "words": all_words(),
    }
    return orjson.dumps(page).decode()


def modules_for(question: dict[str, Any]) -> list[str]:
    """The files that the page will ask for, so that the browser fetches all of them at once."""
    kind = question["type"]
    own = MODULES_OF_TYPE.get(kind, (f"{kind}.js",))
    more = ("predict.js", "number.js") if question["predict"] else ()
    return list(dict.fromkeys((*MODULES, *own, *more)))
