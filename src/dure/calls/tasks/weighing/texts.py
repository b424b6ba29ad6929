"""What each answer in words weighed."""

from __future__ import annotations

from dure.calls.tasks.weighing.parts import Seen, Weighed, weights_of


def weigh_text(seen: Seen, _about: str) -> Weighed | None:
    if seen.label is None:
        return None
    import numpy as np  # noqa: PLC0415  slow import

    from dure.calls.tasks.fitting.texts import recall_texts  # noqa: PLC0415  slow import
    from dure.truth.explain_texts import explain_text_answers  # noqa: PLC0415  slow import
    from dure.truth.normal_text import normalise  # noqa: PLC0415  slow import

    # A text that is known may be one that nobody gave; then the likeliest that somebody did.
    is_given = normalise(seen.label) in {normalise(one) for one in seen.values}
    known = (seen.value or {}).get("known", ())
    explained = explain_text_answers(
        recall_texts(seen.learned, seen.habits, known=known),
        np.arange(len(seen.answers), dtype=np.int32),
        seen.values,
        text=seen.label if is_given else None,
    )
    return Weighed(
        label=seen.label if is_given else explained.text,
        runner_up=explained.runner_up,
        prior=explained.prior,
        answers=weights_of(seen, explained.weight_of_answer.tolist()),
        log_odds=explained.log_odds,
        is_known=seen.is_known,
        kind="text",
        truth=seen.label,
    )
