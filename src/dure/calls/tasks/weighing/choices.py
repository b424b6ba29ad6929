"""What each answer that names one of the options weighed, with its prediction."""

from __future__ import annotations

from dure.calls.tasks.weighing.parts import Seen, Weighed, weights_of

# Answers times labels; what is above would take a page longer than anybody waits.
CELLS_MAX = 2**16


def weigh_choice(seen: Seen, _about: str) -> Weighed | None:
    classes = seen.classes
    if seen.label is None or len(classes) < 2 or len(classes) * len(seen.answers) > CELLS_MAX:
        return None
    # A web process never holds the compiled part of the engine, and numpy from here on only.
    import numpy as np  # noqa: PLC0415  slow import

    from dure.calls.tasks.learned import recall, recall_terms  # noqa: PLC0415  slow import
    from dure.truth.explain_surprise import explain_predicted  # noqa: PLC0415  slow import

    place = {one: code for code, one in enumerate(classes)}
    predictions = np.full((len(seen.answers), len(classes)), np.nan)
    for row, shares in enumerate(seen.predictions):
        for name, share in (shares or {}).items():
            predictions[row, place[name]] = share
    explained = explain_predicted(
        recall(seen.learned, seen.habits),
        recall_terms(seen.learned),
        np.arange(len(seen.answers), dtype=np.int32),
        np.array([place[one] for one in seen.values], dtype=np.int32),
        predictions,
        label=place[seen.label],
    )
    told = explained.weight_of_prediction
    weights = (explained.weight_of_vote + told).tolist()
    return Weighed(
        label=seen.label,
        runner_up=classes[explained.runner_up],
        prior=explained.prior,
        answers=weights_of(seen, weights, told.tolist()),
        log_odds=explained.log_odds,
        is_known=seen.is_known,
    )
