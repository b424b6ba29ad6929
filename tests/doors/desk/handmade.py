"""Calls of each type with verdicts written by hand, in the forms in which fits keep them.

Run with an organisation's slug it makes them in the server that the environment names, and prints
their numbers as JSON.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any
from uuid import uuid4

if __name__ == "__main__":
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dure.settings")
    django.setup()

from dure.calls.models import Call
from dure.calls.tasks.models import (
    Answer,
    AnswerText,
    RankedItem,
    Refit,
    Tally,
    Task,
    TaskProgress,
    Verdict,
    VerdictRun,
)
from dure.calls.tasks.questions import check_question
from dure.clock import now
from dure.people.models import Contributor, Organisation, Person

SIGNS = [f"/static/dure/demo/sign-{n}.webp" for n in range(1, 7)]
BIRDS = [
    {"value": "gull", "label": {"en": "Gull", "ko": "갈매기"}},
    {"value": "tern", "label": {"en": "Tern", "ko": "제비갈매기"}},
    {"value": "auk", "label": {"en": "Auk", "ko": "바다쇠오리"}},
]
MARKED = [
    {"x": 0.1, "y": 0.15, "w": 0.3, "h": 0.4, "label": "gull", "probability": 0.93, "marked": 3,
     "low": [0.09, 0.14, 0.38, 0.53], "high": [0.11, 0.16, 0.42, 0.57]},
    {"x": 0.55, "y": 0.4, "w": 0.25, "h": 0.3, "label": "tern", "probability": 0.61, "marked": 2,
     "low": [0.5, 0.35, 0.76, 0.66], "high": [0.6, 0.45, 0.84, 0.74]},
    {"x": 0.7, "y": 0.05, "w": 0.2, "h": 0.15, "label": "gull", "probability": 0.12, "marked": 1},
]  # fmt: skip


def placed(item: str, place: int, *, last: int, **fields: Any) -> dict[str, Any]:
    """An item of a ranking whose neighbours might change places with it."""
    score = 2.0 - 0.5 * place
    return {
        "item": item, "score": score, "low": score - 0.8, "high": score + 0.8, "rank": place,
        "rank_low": max(1, place - 1), "rank_high": min(last, place + 1),
        "is_picture": item in SIGNS, **fields,
    }  # fmt: skip


ORDER = [placed(value, place, last=3) for place, value in enumerate(("tern", "gull", "auk"), 1)]
KINDS: dict[str, Any] = {
    "choice": {
        "question": {"type": "choice", "text": "Which bird?", "options": BIRDS, "predict": True},
        "contents": [{"text": "White, with a black cap"}],
        "classes": ["gull", "tern", "auk"],
        "verdict": {
            "label": "tern", "probability": 0.72, "posterior": [0.2, 0.72, 0.08],
            "value": {"surprising": "tern", "margin": 0.25, "popular": "gull", "vote_share": 0.4,
                      "predicted_share": 0.15, "is_believed": True},
        },
        "answers": ["gull", "gull", "gull", "tern", "tern"],
        "summary": {"tasks": 1, "confidence": 0.72},
    },
    "multi": {
        "question": {"type": "multi", "text": "Which birds?", "options": BIRDS},
        "contents": [{"image": SIGNS[0]}],
        "classes": ["gull", "tern", "auk"],
        "verdict": {
            "label": '["gull","auk"]', "value": ["gull", "auk"], "probability": 0.64,
            "posterior": [0.97, 0.11, 0.74],
        },
        "answers": [["gull", "auk"], ["gull"], ["gull", "auk"], []],
        "summary": {"tasks": 1, "confidence": 0.64, "shares": [
            {"value": "gull", "share": 0.97, "low": 0.9, "high": 1.0},
            {"value": "tern", "share": 0.11, "low": 0.0, "high": 0.3},
            {"value": "auk", "share": 0.74, "low": 0.5, "high": 0.9}]},
    },
    "number": {
        "question": {"type": "number", "text": "How far?", "min": 0, "unit": "km", "predict": True},
        "contents": [{"text": "From the pier to the island"}],
        "classes": [],
        "verdict": {
            "estimate": 12.5, "low": 10.0, "high": 15.5,
            "value": {"pivot": 13.8, "is_used": False},
        },
        "answers": [11, 12, 12, 12, 13, 9, 15, 14, 12.5, 900, 20_000],
        "summary": {"tasks": 1, "median": 12.5, "width": 5.5,
                    "spread": {"counts": [1], "edges": [12.0, 13.0]}},
    },
    "text": {
        "question": {"type": "text", "text": "What does it say?"},
        "contents": [{"image": SIGNS[1]}],
        "classes": [],
        "verdict": {
            "label": "Harbour", "probability": 0.88,
            "value": {"share": 0.8, "texts": [
                {"text": "Harbour", "probability": 0.88, "answers": 4,
                 "spellings": ["harbour", "Harbuor"]},
                {"text": "Arbour", "probability": 0.07, "answers": 1, "spellings": []}]},
        },
        "answers": ["Harbour", "Harbour", "harbour", "Harbuor", "Arbour"],
        "summary": {"tasks": 9, "confidence": 0.88, "distinct": 2, "texts": [
            {"text": "Harbour", "tasks": 6}, {"text": "Way out", "tasks": 3}]},
    },
    "pair": {
        "question": {"type": "pair", "text": "Which one is easier to read?"},
        "contents": [{"left": {"image": SIGNS[0]}, "right": {"image": SIGNS[3]}},
                     {"left": "A gull", "right": "A tern"}],
        "classes": ["left", "right", "same"],
        "verdict": {"label": "left", "probability": 0.81, "posterior": [0.81, 0.12, 0.07]},
        "answers": ["left", "left", "left", "same"],
        "summary": {"tasks": 2, "confidence": 0.81, "items": 24, "components": 2, "ranking": [
            placed(item, place, last=24, comparisons=4, component=(place - 1) % 2)
            for place, item in enumerate([*SIGNS[:4], *(f"Bird {n}" for n in range(5, 25))], 1)]},
    },
    "rank": {
        "question": {"type": "rank", "text": "Which bird sings best?", "options": BIRDS},
        "contents": [{"text": "Listen to them"}],
        "classes": [],
        "verdict": {"label": '["tern","gull","auk"]', "value": {"items": ORDER}},
        "answers": [["tern", "gull", "auk"], ["gull", "tern", "auk"]],
        "summary": {"tasks": 1, "items": 3, "components": 1, "ranking": [
            {**one, "high": None if place == 0 else one["high"], "comparisons": 2, "component": 0}
            for place, one in enumerate(ORDER)]},
    },
    "box": {
        "question": {"type": "box", "text": "Where is a bird?", "options": BIRDS},
        "contents": [{"image": SIGNS[2]}],
        "classes": ["gull", "tern", "auk"],
        "verdict": {
            "label": json.dumps([{side: box[side] for side in ("x", "y", "w", "h", "label")}
                                 for box in MARKED[:2]]),
            "value": {"boxes": MARKED},
        },
        "answers": [
            [{"x": 0.09, "y": 0.16, "w": 0.31, "h": 0.4, "label": "gull"}],
            [{"x": 0.11, "y": 0.14, "w": 0.3, "h": 0.41, "label": "gull"},
             {"x": 0.56, "y": 0.41, "w": 0.24, "h": 0.3, "label": "tern"}],
            [],
            [{"x": 0.1, "y": 0.15, "w": 0.29, "h": 0.4, "label": "gull"},
             {"x": 0.54, "y": 0.39, "w": 0.26, "h": 0.31, "label": "tern"},
             {"x": 0.7, "y": 0.05, "w": 0.2, "h": 0.15, "label": "gull"}],
        ],
        "summary": {"tasks": 1, "confidence": 0.55, "boxes": 2, "doubted": 1,
                    "sure": [0, 1, 0, 0, 0, 0, 1, 0, 0, 1],
                    "labels": [{"value": "gull", "boxes": 1}, {"value": "tern", "boxes": 1}]},
    },
}  # fmt: skip


def make_judged(kind: str, organisation: Organisation, **changed: Any) -> Call:
    """An open call whose first task has answers and a verdict; `changed` are its fields."""
    made = KINDS[kind]
    question = {**made["question"], **changed.pop("question", {})}
    call = Call.objects.create(
        organisation=organisation,
        kind="tasks",
        question=check_question(question),
        slug=f"{kind}-{uuid4().hex[:8]}",
        title=f"Birds by {kind}",
        state="open",
    )
    for number, content in enumerate(made["contents"], 1):
        task = Task.objects.create(call=call, key=f"{kind}-{number}", content=content)
        task.refresh_from_db()
        TaskProgress.objects.create(
            call_id=call.pk, task_id=task.id, state="decided", capacity=50,
            counted=len(made["answers"]),
        )  # fmt: skip
    _conclude(call, made, {**made["verdict"], **changed})
    return call


def first_task(call: Call) -> Task:
    return Task.objects.filter(call=call).earliest("id")


def _conclude(call: Call, made: dict[str, Any], verdict: dict[str, Any]) -> None:
    task_id = first_task(call).id
    for value in made["answers"]:
        _answer(call, task_id, value)
    n = len(made["answers"])
    Tally.objects.create(call_id=call.pk, slot=0, counted=n, tasks=len(made["contents"]))
    VerdictRun.objects.create(
        call=call, as_of=now(), method="by hand", version="1", seed=0, classes=made["classes"],
        seen_up_to=0, events=0, answers_seen=n, digest=b"", outcome="", tasks_open=0,
        tasks_decided=1, tasks_disputed=0,
    )  # fmt: skip
    Verdict.objects.create(call_id=call.pk, task_id=task_id, answers=n, **verdict)
    summary = {**made["summary"], "states": {"decided": 1}}
    Refit.objects.create(call=call, events=0, at=now(), seconds=0.1, summary=summary)
    for place, shown in enumerate(summary.get("ranking", []), 1):
        row = {name: one for name, one in shown.items() if name != "is_picture"}
        RankedItem.objects.create(call_id=call.pk, place=place, **row)


def _answer(call: Call, task_id: int, value: Any) -> None:
    person = Person.objects.create()
    contributor = Contributor.objects.create(
        call_id=call.pk, person=person, pseudonym=uuid4().hex[:12]
    )
    contributor.refresh_from_db()
    is_text = call.question["type"] == "text"
    answer = Answer.objects.create(
        call_id=call.pk, id=uuid4(), task_id=task_id, contributor_id=contributor.id,
        value=None if is_text else value, is_skip=False, is_late=False, at=now(),
    )  # fmt: skip
    if is_text:
        AnswerText.objects.create(call_id=call.pk, answer_id=answer.id, text=value)


if __name__ == "__main__":
    bakery = Organisation.objects.get(slug=sys.argv[1])
    calls = {kind: make_judged(kind, bakery) for kind in KINDS}
    made = {kind: [call.pk, first_task(call).id] for kind, call in calls.items()}
    sys.stdout.write(json.dumps(made))
