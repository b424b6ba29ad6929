"""Verdicts on answers that name one of the options."""

from __future__ import annotations

from typing import Any

import numpy as np

from dure.calls.tasks.fitting.parts import SEED, Counted, Fit
from dure.calls.tasks.fitting.surprising import fit_surprising
from dure.calls.tasks.learned import learn


def fit_choices(question: dict[str, Any], counted: Counted) -> Fit:
    if any(counted.predictions):
        return fit_surprising(question, counted)
    # The engine is compiled code of 60 MB: only a process that fits holds it.
    from dure import truth  # noqa: PLC0415  slow import

    classes = [option["value"] for option in question["options"]]
    coded = truth.code_choices(counted.tasks, counted.workers, counted.values, classes=classes)
    place = {label: code for code, label in enumerate(coded.classes)}
    gold = np.array(
        [place.get(counted.gold.get(key, ""), -1) for key in coded.tasks], dtype=np.int32
    )
    posterior = truth.infer(coded.answers, gold_label=gold, seed=SEED)
    rows = np.arange(len(coded.tasks))
    return Fit(
        tasks=list(coded.tasks),
        labels=[coded.classes[code] for code in posterior.label],
        probabilities=posterior.probability[rows, posterior.label].tolist(),
        posteriors=posterior.probability.ravel().tolist(),
        answers=posterior.n_answers.tolist(),
        classes=list(coded.classes),
        method=posterior.method,
        version=posterior.version,
        outcome=posterior.outcome.value,
        learned=learn(posterior.habits, workers=coded.workers),
    )
