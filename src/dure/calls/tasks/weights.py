"""What each answer weighed in a task's verdict, told from what the last fit learned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from django.db import connection

from dure.calls.models import Call

# Answers times labels; what is above would take a page longer than anybody waits.
CELLS_MAX = 2**16


@dataclass(frozen=True, slots=True)
class Weight:
    """What one answer weighed, in natural log odds: above zero for the verdict's label."""

    answer_id: UUID
    label: str
    weight: float


@dataclass(frozen=True, slots=True)
class Weighed:
    """What speaks for `label` against `runner_up`; `prior` and the weights sum to `log_odds`.

    These are the odds of the verdict's probabilities. Where the truth is known, `label` is that
    truth, and the odds are what the answers alone say.
    """

    label: str
    runner_up: str
    prior: float
    answers: tuple[Weight, ...]
    log_odds: float
    is_known: bool


def weigh_answers(*, call: Call, task_id: int) -> Weighed | None:
    """Say what each answer that the last fit saw weighed; None where there is nothing to explain.

    That is a question without options or with one, a fit that told no workers apart or is older
    than what is kept of fits, and a task without a verdict.
    """
    if call.question["type"] != "choice":
        return None
    with connection.cursor() as cursor:
        cursor.execute(
            "select learned, classes, label, posterior, counted, answers, labels, concentrations"
            " from tasks_weighed_answers(%s, %s)",
            [call.pk, task_id],
        )
        row = cursor.fetchone()
    if row is None:
        return None
    learned, classes = orjson.loads(row[0]), orjson.loads(row[1])
    label, posterior, counted, answer_ids, labels, concentrations = row[2:]
    if not learned or label is None or len(classes) < 2 or len(classes) * counted > CELLS_MAX:
        return None
    assert len(answer_ids) == counted, (call.pk, task_id)
    return _weigh(learned, classes, label, posterior, answer_ids, labels, concentrations)


def _weigh(
    learned: dict[str, Any],
    classes: list[str],
    label: str,
    posterior: list[float],
    answer_ids: list[UUID],
    labels: list[str],
    concentrations: list[list[float]],
) -> Weighed:
    # A web process never holds the compiled part of the engine, and numpy from here on only.
    import numpy as np  # noqa: PLC0415  slow import

    from dure.calls.tasks.learned import recall  # noqa: PLC0415  slow import
    from dure.truth.explain import explain_answers  # noqa: PLC0415  slow import

    place = {one: code for code, one in enumerate(classes)}
    explained = explain_answers(
        recall(learned, concentrations),
        np.arange(len(labels), dtype=np.int32),
        np.array([place[one] for one in labels], dtype=np.int32),
        label=place[label],
    )
    weights = zip(answer_ids, labels, explained.weight_of_answer.tolist(), strict=True)
    return Weighed(
        label=label,
        runner_up=classes[explained.runner_up],
        prior=explained.prior,
        answers=tuple(Weight(*one) for one in weights),
        log_odds=explained.log_odds,
        # What is known comes back from a fit as certain, and nothing else does.
        is_known=posterior[place[label]] == 1.0,
    )
