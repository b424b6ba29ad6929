"""Verdicts on answers that name any number of the options."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from dure.calls.tasks.fitting.parts import SEED, Counted, Fit, finite
from dure.calls.tasks.learned import CELLS_MAX, NEWCOMER_CELLS_MAX, Learned

if TYPE_CHECKING:
    from dure.truth.coding_sets import CodedSets
    from dure.truth.set_chances import SetHabits
    from dure.truth.types import SetPosterior

KIND = "multi"
# Runs stay for good, so kinds of tasks that take more numbers are left out, and the workers' too.
SHARED_CELLS_MAX = 2**14


def fit_sets(question: dict[str, Any], counted: Counted) -> Fit:
    # The engine is compiled code of 60 MB: only a process that fits holds it.
    from dure import truth  # noqa: PLC0415  slow import

    options = [option["value"] for option in question["options"]]
    coded = truth.code_sets(counted.tasks, counted.workers, counted.values, classes=options)
    posterior = truth.infer_sets(
        coded.sets,
        gold_set=_gold(counted.gold, coded),
        least=question["min"],
        most=question["max"],
        seed=SEED,
    )
    place = [coded.classes.index(value) for value in options]
    chosen = [
        [value for value, code in zip(options, place, strict=True) if row[code]]
        for row in posterior.chosen
    ]
    return Fit(
        tasks=list(coded.tasks),
        # As PostgreSQL spells JSON.
        labels=[json.dumps(value, ensure_ascii=False) for value in chosen],
        probabilities=finite(posterior.sureness),
        posteriors=posterior.probability.ravel().tolist(),
        answers=posterior.n_answers.tolist(),
        values=chosen,
        classes=list(coded.classes),
        method=posterior.method,
        version=posterior.version,
        outcome=posterior.outcome.value,
        learned=learn_sets(posterior, workers=coded.workers),
    )


def learn_sets(posterior: SetPosterior, *, workers: tuple[str, ...]) -> Learned:
    """What is kept to explain verdicts later; nothing where it is too much."""
    habits = posterior.shared
    if posterior.habits.size > CELLS_MAX or habits.class_chance.size > SHARED_CELLS_MAX:
        return Learned()
    is_small = habits.newcomer.size <= NEWCOMER_CELLS_MAX
    shared = {
        "kind": KIND,
        "class_weight": habits.class_weight.tolist(),
        "class_chance": habits.class_chance.tolist(),
        "newcomer": habits.newcomer.tolist() if is_small else None,
        "popularity": habits.popularity.tolist(),
        "correlation": habits.correlation,
        "sharpness": habits.sharpness,
        "vote_weight": habits.vote_weight,
        "vote_smoothing": habits.vote_smoothing,
        "least": habits.least,
        "most": habits.most,
    }
    return Learned(shared, workers, posterior.habits)


def recall_sets(shared: dict[str, Any]) -> SetHabits:
    """What holds for all, to the last digit as it was learned; workers' rows are ready as kept."""
    from dure.truth.set_chances import SetHabits  # noqa: PLC0415  slow import

    chance = np.array(shared["class_chance"], dtype=np.float64)
    newcomer = shared["newcomer"]
    unknown = np.full(4 * chance.shape[1], np.nan)
    return SetHabits(
        class_weight=np.array(shared["class_weight"], dtype=np.float64),
        class_chance=chance,
        newcomer=unknown if newcomer is None else np.array(newcomer, dtype=np.float64),
        popularity=np.array(shared["popularity"], dtype=np.float64),
        correlation=shared["correlation"],
        sharpness=shared["sharpness"],
        vote_weight=shared["vote_weight"],
        vote_smoothing=shared["vote_smoothing"],
        least=shared["least"],
        most=shared["most"],
    )


def _gold(gold: dict[str, Any], coded: CodedSets) -> NDArray[np.int8]:
    """Known sets by task; -1 where nothing is known."""
    place = {value: code for code, value in enumerate(coded.classes)}
    marks = np.full((len(coded.tasks), len(coded.classes)), -1, np.int8)
    for row, key in enumerate(coded.tasks):
        if key in gold:
            marks[row] = 0
            marks[row, [place[value] for value in gold[key]]] = 1
    return marks
