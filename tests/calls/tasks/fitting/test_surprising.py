from __future__ import annotations

import json

import numpy as np

from dure.calls.tasks.fitting.choices import fit_choices
from dure.calls.tasks.fitting.parts import SEED, Counted
from dure.calls.tasks.fitting.surprising import fit_surprising
from dure.calls.tasks.learned import learn, recall, recall_terms
from dure.truth import code_choices, explain_predicted, infer
from tests.truth.predicting import exaggerating, informed

QUESTION = {"type": "choice", "options": [{"value": "no"}, {"value": "yes"}]}


def test_believed_answers_become_verdicts_with_what_is_surprising():
    counted = _counted(informed(seed=1))

    fit = fit_choices(QUESTION, counted)

    assert fit.digest() == fit_surprising(QUESTION, counted).digest()
    assert (fit.method, list(fit.classes)) == ("surprisingly-popular", ["no", "yes"])
    assert len(fit.values) == len(fit.tasks) == len(fit.labels) == 60
    assert set(fit.values[0]) == {
        "surprising", "margin", "popular", "vote_share", "predicted_share", "is_believed",
    }  # fmt: skip
    assert all(value["is_believed"] for value in fit.values)
    assert any(value["surprising"] != value["popular"] for value in fit.values)
    posteriors = np.reshape(fit.posteriors, (-1, 2))
    assert [fit.classes[code] for code in posteriors.argmax(axis=1)] == list(fit.labels)
    assert fit.learned.shared["kind"] == "surprise"
    assert fit.learned.shared["believes_surprising"] is True
    assert sum(fit.learned.shared["reasons"].values()) == fit.learned.shared["evidence"]


def test_what_is_kept_explains_a_verdict_without_a_fit():
    for crowd in (informed(seed=1), exaggerating(seed=2)):
        answers, predictions, _ = crowd
        fit = fit_choices(QUESTION, _counted(crowd))
        # Through JSON, as the database keeps it.
        shared = json.loads(json.dumps(fit.learned.shared))
        rows = np.flatnonzero(answers.task_of_answer == 7)
        workers = answers.worker_of_answer[rows]

        explained = explain_predicted(
            recall(shared, [list(fit.learned.concentrations[worker]) for worker in workers]),
            recall_terms(shared),
            np.arange(len(rows), dtype=np.int32),
            answers.label_of_answer[rows],
            predictions[rows],
        )

        row = np.reshape(fit.posteriors, (-1, 2))[7]
        verdict = np.log(row[explained.label] / row[explained.runner_up])
        weights = explained.weight_of_vote.sum() + explained.weight_of_prediction.sum()
        assert fit.classes[explained.label] == fit.labels[7]
        np.testing.assert_allclose(explained.prior + weights, verdict, rtol=0, atol=1e-9)


def test_some_rows_may_lack_predictions_and_gold_is_certain():
    counted = _counted(informed(seed=1), gold={"t00": "yes"})
    for row in range(40, 80):
        counted.predictions[row] = None

    fit = fit_choices(QUESTION, counted)

    assert (fit.labels[0], fit.probabilities[0]) == ("yes", 1.0)
    assert fit.values[1] == {
        "surprising": None, "margin": None, "popular": fit.values[1]["popular"],
        "vote_share": None, "predicted_share": None, "is_believed": True,
    }  # fmt: skip


def test_choices_without_predictions_stay_as_they_are():
    counted = _counted(informed(seed=1))
    for nothing in ([], [None] * len(counted.tasks)):
        plain = Counted(counted.tasks, counted.workers, counted.values, {}, nothing)

        fit = fit_choices(QUESTION, plain)

        coded = code_choices(plain.tasks, plain.workers, plain.values, classes=["no", "yes"])
        gold = np.full(60, -1, np.int32)
        posterior = infer(coded.answers, gold_label=gold, seed=SEED)
        assert fit.posteriors == posterior.probability.ravel().tolist()
        assert (fit.method, list(fit.values)) == (posterior.method, [])
        assert fit.learned.shared == learn(posterior.habits, workers=coded.workers).shared
        assert recall_terms(fit.learned.shared) is None


def _counted(crowd, *, gold=None):
    answers, predictions, _ = crowd
    return Counted(
        tasks=[f"t{code:02}" for code in answers.task_of_answer],
        workers=[f"w{code:02}" for code in answers.worker_of_answer],
        values=[("no", "yes")[code] for code in answers.label_of_answer],
        gold=gold or {},
        predictions=[{"yes": share} for share in predictions[:, 1].tolist()],
    )
