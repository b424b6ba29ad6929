"""How far each number moved the estimate."""

from __future__ import annotations

from dure.calls.tasks.weighing.parts import Beside, Moved, Seen, weights_of


def weigh_number(seen: Seen, _about: str) -> Moved | None:
    if seen.estimate is None:
        return None
    import numpy as np  # noqa: PLC0415  slow import

    from dure.truth.explain_numbers import explain_number_answers  # noqa: PLC0415  slow import
    from dure.truth.number_crowd import crowd_from_json  # noqa: PLC0415  slow import

    predictions = None
    if any(one is not None for one in seen.predictions):
        given = [np.nan if one is None else one for one in seen.predictions]
        predictions = np.array(given, dtype=np.float64)
    explained = explain_number_answers(
        crowd_from_json(seen.learned),
        np.array(seen.habits, dtype=np.float64),
        np.array(seen.values, dtype=np.float64),
        predictions=predictions,
    )
    return Moved(
        kind="number",
        start=explained.start,
        answers=weights_of(seen, explained.pull_of_answer.tolist()),
        besides=(Beside("usual", explained.lean), Beside("bounds", explained.bound)),
        end=explained.estimate,
        is_known=seen.is_known,
        shares=tuple(explained.share_of_answer.tolist()),
        truth=seen.estimate if seen.is_known else None,
    )
