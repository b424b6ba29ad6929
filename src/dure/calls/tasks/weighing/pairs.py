"""What each vote on two items weighed, and what the items' other comparisons did."""

from __future__ import annotations

from dure.calls.tasks.weighing.parts import Beside, Seen, Weighed, weights_of


def weigh_pair(seen: Seen, _about: str) -> Weighed | None:
    kept = seen.value
    if seen.label is None or not kept:
        return None
    import numpy as np  # noqa: PLC0415  slow import

    from dure.truth.coding_order import SIDE_OF_WORD, SIDES  # noqa: PLC0415  slow import
    from dure.truth.explain_pairs import Before, explain_pair  # noqa: PLC0415  slow import

    explained = explain_pair(
        Before(kept["left"], kept["right"], kept["variance"]),
        np.array(seen.habits, dtype=np.float64),
        np.array([SIDE_OF_WORD[one] for one in seen.values], dtype=np.int32),
        same_within=seen.learned["same_within"],
        knows_ties=seen.learned["knows_ties"],
        label=SIDE_OF_WORD[seen.label],
    )
    return Weighed(
        label=seen.label,
        runner_up=SIDES[explained.runner_up],
        prior=explained.prior,
        answers=weights_of(seen, explained.weight_of_answer.tolist()),
        log_odds=explained.log_odds,
        is_known=seen.is_known,
        kind="pair",
        besides=(Beside("left", explained.left), Beside("right", explained.right)),
        truth=seen.label,
    )
