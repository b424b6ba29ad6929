"""A simulated crowd for a demo's call, so that its board moves; every page says what it is."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson
from django.db import transaction

from dure.calls.models import Call, Rehearsal, State
from dure.calls.queries import hold_call
from dure.calls.tasks import answers, turns
from dure.calls.tasks.boards import tell_boards
from dure.calls.tasks.contents import name_items, name_sides
from dure.calls.tasks.models import Task
from dure.clock import now
from dure.errors import Refusal, WrongState
from dure.people import audit
from dure.people.organisations import DEMO

# The tag by which the board tells these answers from people's.
SOURCE = "simulated"
MINUTES = 10
ANSWERS_AT_ONCE = 3
LEASED = 5
SKIPS = 0.05
DEMO_BOXES = Path(__file__).with_name("demo_boxes.json")
SIDES_GIVEN = ("left", "right", "same")
NAMES = ("두레 가게", "모퉁이", "햇살 한 줌", "Corner House", "Haneul")


class NotADemo(WrongState):
    """A simulated crowd answers calls of the demo only, while they are open."""

    code = "not-a-demo"


@dataclass(frozen=True, slots=True)
class Turn:
    """What one simulated contributor did, and whether there was anything left for them."""

    given: int
    is_done: bool


def may_rehearse(call: Call) -> bool:
    # A simulated crowd never answers a real call.
    return call.organisation.slug == DEMO and call.state == State.OPEN


def find_rehearsal(call: Call) -> Rehearsal | None:
    return Rehearsal.objects.filter(call=call, until__gt=now()).first()


def start_rehearsal(*, call: Call, by: str) -> Rehearsal:
    with transaction.atomic():
        held = hold_call(call.pk)
        if not may_rehearse(held):
            raise NotADemo
        made, _ = Rehearsal.objects.update_or_create(
            call=held, defaults={"until": now() + timedelta(minutes=MINUTES), "by": by}
        )
        audit.record(
            organisation=held.organisation, by=by, action="rehearse", thing=f"call:{held.pk}"
        )
    return made


def has_rehearsed(call: Call) -> bool:
    """Whether a simulated crowd came, and was not sent home."""
    return Rehearsal.objects.filter(call=call).exists()


def end_rehearsal(call_id: int) -> None:
    """It is over for a reason of its own: nothing is left to answer, or its time has passed."""
    at = now()
    with transaction.atomic():
        Rehearsal.objects.filter(call_id=call_id, until__gt=at).update(until=at)
        tell_boards(call_id)


def stop_rehearsal(*, call: Call, by: str) -> None:
    with transaction.atomic():
        removed, _ = Rehearsal.objects.filter(call=call).delete()
        if removed:
            audit.record(
                organisation=call.organisation,
                by=by,
                action="stop rehearsal",
                thing=f"call:{call.pk}",
            )


def take_turn(*, call_id: int, chance: random.Random) -> Turn:
    """One contributor comes, answers a few tasks as people do, and leaves; by the real functions.

    About one in eight is careless, and the others agree on most tasks: what is right of a task is
    its gold, or else drawn from its number, so that the crowd of all turns means the same.
    """
    call = Call.objects.get(pk=call_id)
    key = answers.new_key()
    care = 0.35 if chance.random() < 0.125 else chance.uniform(0.85, 0.99)
    given = 0
    try:
        answers.run(answers.join_call(slug=call.slug, key=None, fresh_key=key, source=SOURCE))
        leased = turns.lease_tasks(call_id=call_id, key=key, n=LEASED)["tasks"]
        golds = dict(
            Task.objects.filter(call=call, id__in=[task["id"] for task in leased]).values_list(
                "id", "gold"
            )
        )
        for task in leased[: 1 + chance.randrange(LEASED)]:
            gold = golds[task["id"]]
            value = (
                None
                if chance.random() < SKIPS
                else gold
                if gold is not None and chance.random() < care
                else _answer(call.question, task, own=call.language, care=care, chance=chance)
            )
            one = {"id": str(uuid4()), "task": task["id"], "value": value}
            one["ms"] = chance.randrange(2_000, 15_000)
            one["prediction"] = _prediction(call.question, value, chance=chance)
            batch = answers.read_answers(question=call.question, given=[one])
            given += len(turns.record_answers(call_id=call_id, key=key, batch=batch)["accepted"])
        left = [task["id"] for task in leased]
        answers.run(answers.return_tasks(call_id=call_id, key=key, tasks=left))
    except Refusal:
        # Paused or closed meanwhile: the crowd goes home.
        return Turn(given, is_done=True)
    return Turn(given, is_done=not leased)


def _answer(
    question: dict[str, Any],
    task: dict[str, Any],
    *,
    own: str,
    care: float,
    chance: random.Random,
) -> Any:
    truth = random.Random(task["id"])
    is_right = chance.random() < care
    kind = question["type"]
    if kind in ("choice", "multi"):
        values = [option["value"] for option in question["options"]]
        picked = truth.choice(values) if is_right else chance.choice(values)
        return picked if kind == "choice" else [picked]
    if kind == "number":
        return _number(question, truth, spread=0.1 if is_right else 0.6, chance=chance)
    if kind == "pair":
        left, right = (
            random.Random(name).random() for name in name_sides(task["content"], own=own)
        )
        return ("left" if left > right else "right") if is_right else chance.choice(SIDES_GIVEN)
    if kind == "text":
        return _name(truth if is_right else chance, chance=chance)
    if kind == "rank":
        items = [option["value"] for option in question.get("options") or []]
        items = items or name_items(task["content"], own=own)
        (truth if is_right else chance).shuffle(items)
        return items
    if kind == "box":
        picture = task["content"].get("image", "")
        return _boxes(question, picture, truth, is_right=is_right, chance=chance)
    return None


def _boxes(
    question: dict[str, Any],
    picture: str,
    truth: random.Random,
    *,
    is_right: bool,
    chance: random.Random,
) -> list[dict[str, Any]]:
    """What is there, drawn by a thumb; careless ones overlook some of it."""
    labels = [option["value"] for option in question.get("options") or []]
    left, top = truth.uniform(0.1, 0.5), truth.uniform(0.1, 0.5)
    somewhere = [left, top, 0.3, 0.3, truth.choice(labels) if labels else ""]
    slip, overlooks = (0.006, 0.03) if is_right else (0.03, 0.4)
    boxes = []
    for *sides, label in _demo_boxes().get(picture, [somewhere]):
        if chance.random() < overlooks:
            continue
        x, y, w, h = (max(0.01, side + chance.gauss(0, slip)) for side in sides)
        x, y = min(x, 0.95), min(y, 0.95)
        box = {"x": x, "y": y, "w": min(w, 1 - x), "h": min(h, 1 - y)}
        known = label if label in labels else "".join(labels[:1])
        boxes.append(box | ({"label": known} if labels else {}))
    return boxes


@cache
def _demo_boxes() -> dict[str, list[list[Any]]]:
    """Where the fruit lies on the demo's pictures: x, y, w, h and what it is."""
    boxes: dict[str, list[list[Any]]] = orjson.loads(DEMO_BOXES.read_bytes())
    return boxes


def _name(wanted: random.Random, *, chance: random.Random) -> str:
    """A name as somebody types it on a phone."""
    name = wanted.choice(NAMES)
    return chance.choice((name, name, name.upper(), name.replace(" ", ""), f"{name}."))


def _prediction(question: dict[str, Any], value: Any, *, chance: random.Random) -> Any:
    """What they expect of the others: mostly what they say themselves."""
    if not question.get("predict") or value is None:
        return None
    if question["type"] == "number":
        return value
    share = round(chance.uniform(0.4, 0.9), 2)
    return {value: share}


def _number(
    question: dict[str, Any], truth: random.Random, *, spread: float, chance: random.Random
) -> float | int:
    low = question["min"] if question["min"] is not None else 0
    high = question["max"] if question["max"] is not None else low + 100
    wanted = truth.uniform(low, high) + chance.gauss(0, spread * (high - low))
    step = question["step"] or 1
    nearest = low + round((min(high, max(low, wanted)) - low) / step) * step
    number = min(nearest, high)
    return int(number) if float(number).is_integer() else number
