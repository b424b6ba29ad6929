"""Verdicts on answers that name an option and came with predictions of the others' answers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from dure.calls.tasks.fitting.parts import SEED, Counted, Fit, finite
from dure.calls.tasks.learned import Learned, learn, shared_of_surprise

if TYPE_CHECKING:
    from dure.truth import CodedAnswers, Surprise


def fit_surprising(question: dict[str, Any], counted: Counted) -> Fit:
    from dure import truth  # noqa: PLC0415  slow import

    classes = [option["value"] for option in question["options"]]
    coded = truth.code_choices(counted.tasks, counted.workers, counted.values, classes=classes)
    place = {label: code for code, label in enumerate(coded.classes)}
    gold = np.array(
        [place.get(counted.gold.get(key, ""), -1) for key in coded.tasks], dtype=np.int32
    )
    told = [
        (task, worker, label, share)
        for task, worker, prediction in zip(
            counted.tasks, counted.workers, counted.predictions, strict=True
        )
        for label, share in (prediction or {}).items()
    ]
    tasks, workers, labels, shares = zip(*told, strict=True) if told else ((), (), (), ())
    predictions = truth.code_predictions(coded, tasks, workers, labels, shares)
    surprise = truth.surprisingly_popular(coded.answers, predictions, gold_label=gold, seed=SEED)
    rows = np.arange(len(coded.tasks))
    return Fit(
        tasks=list(coded.tasks),
        labels=[coded.classes[code] for code in surprise.label],
        probabilities=surprise.probability[rows, surprise.label].tolist(),
        posteriors=surprise.probability.ravel().tolist(),
        answers=surprise.n_answers.tolist(),
        values=_values(coded, surprise),
        classes=list(coded.classes),
        method=surprise.method,
        version=surprise.version,
        outcome=surprise.outcome.value,
        learned=_learned(coded, surprise),
    )


def _values(coded: CodedAnswers, surprise: Surprise) -> list[dict[str, Any]]:
    """What is surprising in each task, null where nobody predicted; and whether it is believed."""
    columns = (surprise.margin, surprise.vote_share, surprise.predicted_share)
    return [
        {
            "surprising": coded.classes[label] if label >= 0 else None,
            "margin": margin,
            "popular": coded.classes[popular] if popular >= 0 else None,
            "vote_share": voted,
            "predicted_share": predicted,
            "is_believed": surprise.believes_surprising,
        }
        for label, popular, margin, voted, predicted in zip(
            surprise.surprising.tolist(),
            surprise.popular.tolist(),
            *(finite(column) for column in columns),
            strict=True,
        )
    ]


def _learned(coded: CodedAnswers, surprise: Surprise) -> Learned:
    learned = learn(surprise.by_votes.habits, workers=coded.workers)
    return replace(learned, shared=learned.shared | shared_of_surprise(surprise))
