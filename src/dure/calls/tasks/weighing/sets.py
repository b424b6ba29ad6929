"""What each answer that names any number of options weighed, for one option."""

from __future__ import annotations

from dure.calls.tasks.weighing.parts import Beside, Seen, Weighed, weights_of

# Answers times labels, as of choices.
CELLS_MAX = 2**16
# A question may have a thousand options; of so many, the least sure are enough.
OTHERS_MAX = 24


def weigh_set(seen: Seen, about: str) -> Weighed | None:
    """Of the option that is asked for, else of the one that is the least sure."""
    classes, chances = seen.classes, seen.posterior
    if not chances or len(chances) != len(classes):
        return None
    if len(classes) * len(seen.answers) > CELLS_MAX:
        return None
    import numpy as np  # noqa: PLC0415  slow import

    from dure.calls.tasks.fitting.sets import recall_sets  # noqa: PLC0415  slow import
    from dure.truth.coding_sets import mark_classes  # noqa: PLC0415  slow import
    from dure.truth.explain_sets import explain_set_answers  # noqa: PLC0415  slow import

    at = classes.index(about) if about in classes else _least_sure(chances)
    explained = explain_set_answers(
        np.array(seen.habits, dtype=np.float64),
        mark_classes(seen.values, classes),
        recall_sets(seen.learned),
        label=at,
    )
    return Weighed(
        label=classes[at],
        runner_up=None,
        prior=explained.prior,
        answers=weights_of(seen, explained.weight_of_answer.tolist()),
        log_odds=explained.log_odds,
        is_known=seen.is_known,
        kind="multi",
        besides=(Beside("options", float(explained.weight_of_label.sum())),),
        others=_others(seen, dict(zip(classes, chances, strict=True))),
        truth=seen.value,
    )


def _least_sure(chances: list[float]) -> int:
    """The one whose chance is nearest to one half; of known ones, which are not, one that is so."""
    return min(range(len(chances)), key=lambda at: (abs(chances[at] - 0.5), -chances[at]))


def _others(seen: Seen, chance: dict[str, float]) -> tuple[str, ...]:
    """Some options in the question's order."""
    least_sure = sorted(chance, key=lambda one: abs(chance[one] - 0.5))[:OTHERS_MAX]
    return tuple(one for one in seen.options if one in least_sure)
