"""What votes and believed predictions weighed sums to the verdict, from what a fit keeps."""

from __future__ import annotations

import json
from uuid import UUID

import numpy as np
import pytest

from dure.calls.tasks.fitting.choices import fit_choices
from dure.calls.tasks.fitting.parts import Counted
from dure.calls.tasks.weighing.choices import weigh_choice
from dure.calls.tasks.weighing.parts import Seen
from tests.truth.predicting import informed

QUESTION = {"type": "choice", "options": [{"value": "no"}, {"value": "yes"}]}


def test_believed_predictions_have_their_part_of_the_weights():
    answers, predictions, _ = informed(seed=1)
    said = [{"yes": share} for share in predictions[:, 1].tolist()]
    # One of them predicted nothing.
    said[0] = None
    counted = Counted(
        tasks=[f"t{code:02}" for code in answers.task_of_answer],
        workers=[f"w{code:02}" for code in answers.worker_of_answer],
        values=[("no", "yes")[code] for code in answers.label_of_answer],
        gold={},
        predictions=said,
    )
    fit = fit_choices(QUESTION, counted)
    assert fit.learned.shared["believes_surprising"]

    for task in (0, 7):
        rows = np.flatnonzero(answers.task_of_answer == task).tolist()
        seen = _seen(fit, counted, task, rows, answers.worker_of_answer)
        told = weigh_choice(seen, "")

        assert told is not None
        chance = dict(zip(fit.classes, seen.posterior, strict=True))
        verdict = np.log(chance[told.label] / chance[told.runner_up])
        parts = sum(one.weight for one in told.answers)
        assert told.label == fit.labels[task]
        assert told.prior + parts == pytest.approx(told.log_odds, abs=1e-9)
        assert told.log_odds == pytest.approx(verdict, abs=1e-9)
        by_prediction = [one.of_prediction for one in told.answers]
        assert [one == 0.0 for one in by_prediction] == [row == 0 for row in rows]


def test_what_takes_too_long_is_not_told(monkeypatch):
    monkeypatch.setattr("dure.calls.tasks.weighing.choices.CELLS_MAX", 3)
    seen = Seen(
        options=["no", "yes"], learned={}, classes=["no", "yes"], label="no", posterior=[0.9, 0.1],
        value=None, estimate=None, is_known=False, answers=[UUID(int=1), UUID(int=2)],
        values=["no", "no"], predictions=[None, None], habits=[[1.0], [1.0]],
    )  # fmt: skip

    assert weigh_choice(seen, "") is None


def _seen(fit, counted, task, rows, worker_of_answer):
    return Seen(
        options=["no", "yes"],
        # Through JSON, as the database keeps it.
        learned=json.loads(json.dumps(fit.learned.shared)),
        classes=list(fit.classes),
        label=fit.labels[task],
        posterior=fit.posteriors[2 * task : 2 * task + 2],
        value=None,
        estimate=None,
        is_known=False,
        answers=[UUID(int=row) for row in rows],
        values=[counted.values[row] for row in rows],
        predictions=[counted.predictions[row] for row in rows],
        habits=[fit.learned.concentrations[worker_of_answer[row]].tolist() for row in rows],
    )
