"""What each answer weighed in whether a box is real."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dure.calls.tasks.weighing.parts import Seen, Weighed, weights_of

if TYPE_CHECKING:
    from dure.truth.explain_boxes import BoxExplanation

# Boxes in all answers to the task; matching them takes the square of that.
BOXES_MAX = 2**12
# A box of the answers is the listed one if its sides are, as they are rounded.
SAME_SIDE = 2e-5
# What the answers make of a known box lies a little off; so much of both must be common.
OVERLAP_MIN = 0.5


def weigh_box(seen: Seen, about: str) -> Weighed | None:
    """Of the box with the number that is asked for, else of the first one."""
    boxes = (seen.value or {}).get("boxes") or []
    if not boxes or sum(map(len, seen.values)) > BOXES_MAX:
        return None
    number = int(about) if about.isdecimal() and len(about) < 6 else 1
    number = number if 1 <= number <= len(boxes) else 1
    explained = _explain(seen, boxes[number - 1], place=number - 1)
    if explained is None:
        return None
    return Weighed(
        label=str(number),
        runner_up=None,
        prior=explained.prior,
        answers=weights_of(seen, explained.weight_of_answer.tolist()),
        log_odds=explained.log_odds,
        is_known=seen.is_known,
        kind="box",
        others=tuple(str(one) for one in range(1, len(boxes) + 1)),
        truth=[one for one in boxes if one["probability"] == 1.0],
    )


def _explain(seen: Seen, box: dict[str, Any], *, place: int) -> BoxExplanation | None:
    """None where what the answers give has no such box."""
    import numpy as np  # noqa: PLC0415  slow import

    from dure.truth.box_records import BoxHabits  # noqa: PLC0415  slow import
    from dure.truth.coding_boxes import code_boxes  # noqa: PLC0415  slow import
    from dure.truth.explain_boxes import explain_box, merge_answers  # noqa: PLC0415  slow import

    # Named so that they keep their order.
    workers = [f"{row:09}" for row in range(len(seen.answers))]
    coded = code_boxes(["task"] * len(workers), workers, seen.values, classes=seen.options)
    shared = BoxHabits(**{name: one for name, one in seen.learned.items() if name != "kind"})
    habits = np.array(seen.habits, dtype=np.float64)
    corners, labels = merge_answers(habits, shared, coded.boxes)
    sides = [box["x"], box["y"], box["x"] + box["w"], box["y"] + box["h"]]
    same = [
        at
        for at, label in enumerate(labels.tolist())
        if not coded.classes or coded.classes[label] == box.get("label")
    ]
    off = {at: max(abs(one - end) for one, end in zip(sides, corners[at].tolist(), strict=True))
           for at in same}  # fmt: skip
    if not seen.is_known:
        at = place if off.get(place, 1.0) <= SAME_SIDE else None
    else:
        # A known task lists known boxes in their places; of each, what the answers make of it.
        at = min(off, key=lambda one: off[one], default=None)
        if at is not None and _overlap(sides, corners[at].tolist()) < OVERLAP_MIN:
            at = None
    return None if at is None else explain_box(habits, shared, coded.boxes, box=at)


def _overlap(sides: list[float], others: list[float]) -> float:
    """What two boxes share, of what either covers."""
    wide, high = (
        max(0.0, min(sides[end], others[end]) - max(sides[end - 2], others[end - 2]))
        for end in (2, 3)
    )
    either = sum((one[2] - one[0]) * (one[3] - one[1]) for one in (sides, others))
    return wide * high / (either - wide * high)
