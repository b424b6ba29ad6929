"""What each answer counted in a task's verdict, told from what the last fit learned."""

from __future__ import annotations

from collections.abc import Callable

import orjson
from django.db import connection

from dure.calls.models import Call
from dure.calls.tasks.weighing.boxes import weigh_box
from dure.calls.tasks.weighing.choices import weigh_choice
from dure.calls.tasks.weighing.numbers import weigh_number
from dure.calls.tasks.weighing.pairs import weigh_pair
from dure.calls.tasks.weighing.parts import Moved, Seen, Weighed
from dure.calls.tasks.weighing.rankings import weigh_ranking
from dure.calls.tasks.weighing.sets import weigh_set
from dure.calls.tasks.weighing.texts import weigh_text

# By what a fit kept; the first two of choices.
_WEIGHED: dict[str, Callable[[Seen, str], Weighed | Moved | None]] = {
    "choice": weigh_choice,
    "surprise": weigh_choice,
    "multi": weigh_set,
    "number": weigh_number,
    "text": weigh_text,
    "pair": weigh_pair,
    "rank": weigh_ranking,
    "box": weigh_box,
}
# Of more, to texts above all, telling takes longer than anybody waits for a page.
ANSWERS_MAX = 1_000


def weigh_answers(*, call: Call, task_id: int, about: str = "") -> Weighed | Moved | None:
    """Say what each answer that the last fit saw counted; None where there is nothing to explain.

    That is a task without a verdict, a question with one option, a fit that told no workers apart
    or is older than what is kept of fits, and more than a page can tell. Where a verdict is of
    several things, `about` names one: an option, an item, or a box by its number.
    """
    seen = _read(call, task_id)
    if seen is None:
        return None
    return _WEIGHED[seen.learned.get("kind", "choice")](seen, about)


def _read(call: Call, task_id: int) -> Seen | None:
    """None where not every answer that the verdict counts has what is known of its worker."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select learned, classes, label, posterior, value, estimate, is_known, counted,"
            " answers, given, predictions, habits from tasks_weighed_answers(%s, %s)",
            [call.pk, task_id],
        )
        row = cursor.fetchone()
    if row is None:
        return None
    learned, classes, label, posterior, value, estimate, is_known, counted = row[:8]
    answers, given, predictions, habits = row[8:]
    if not answers or len(answers) != counted or counted > ANSWERS_MAX:
        return None
    return Seen(
        options=[option["value"] for option in call.question.get("options") or ()],
        learned=orjson.loads(learned),
        classes=orjson.loads(classes),
        label=label,
        posterior=posterior,
        value=value and orjson.loads(value),
        estimate=estimate,
        is_known=is_known,
        answers=answers,
        values=orjson.loads(given),
        predictions=orjson.loads(predictions),
        habits=habits,
    )
