"""What answers of every type counted, told without a fit, sums to the verdict that is stored."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest

from dure.calls.models import Call
from dure.calls.tasks import answers, turns, verdicts
from dure.calls.tasks.fitting import sets
from dure.calls.tasks.merging import merge_persons
from dure.calls.tasks.models import Answer, AnswerText, Task, Verdict, VerdictRun, WorkerHabits
from dure.calls.tasks.questions import TYPES
from dure.calls.tasks.rulings import rule_task
from dure.calls.tasks.weighing.parts import Moved, Weighed
from dure.calls.tasks.weights import weigh_answers
from dure.people.models import Contributor
from tests.factories import make_call

pytestmark = pytest.mark.usefixtures("live_db")

N_TASKS = 6
# Each the chance to answer as the truth is.
SKILLS = (0.95, 0.9, 0.8, 0.6, 0.4)
# Two ways to the same sum, in another order.
ROUNDING = 1e-9
FRUIT = ["plum", "apple", "pear", "fig"]
WORDS = ["두레 가게", "Grand Hotel", "서울특별시", "Haneul"]
BOXES = [
    {"x": 0.1, "y": 0.1, "w": 0.2, "h": 0.2, "label": "apple"},
    {"x": 0.6, "y": 0.6, "w": 0.3, "h": 0.2, "label": "plum"},
]
PAIRS = [("a", "b"), ("b", "c"), ("c", "d"), ("a", "c"), ("b", "d"), ("a", "d")]


@dataclass(frozen=True)
class Kind:
    """A question, what its tasks show, and an answer to task i by who knows it or does not."""

    question: dict[str, Any]
    content: Callable[[int], dict[str, Any]]
    answer: Callable[[int, bool, random.Random], Any]
    truth: Any


def plain(number: int) -> dict[str, Any]:
    return {"text": f"Task {number}"}


def choose(at: int, knows: bool, chance: random.Random) -> str:
    return FRUIT[at % 4] if knows else chance.choice(FRUIT)


def choose_some(at: int, knows: bool, chance: random.Random) -> list[str]:
    right = [FRUIT[at % 4], FRUIT[(at + 1) % 4]]
    return right if knows else chance.sample(FRUIT, chance.randrange(4))


def count(at: int, knows: bool, chance: random.Random) -> float:
    return round(max(0, 20 + 10 * at + chance.gauss(0, 2 if knows else 15)), 2)


def name(at: int, knows: bool, chance: random.Random) -> str:
    return WORDS[at % 4] if knows else chance.choice([*WORDS, "asdf", WORDS[at % 4].lower()])


def compare(_at: int, knows: bool, chance: random.Random) -> str:
    return "left" if knows else chance.choice(["left", "right", "same"])


def order(at: int, knows: bool, chance: random.Random) -> list[str]:
    items = [FRUIT[(at + one) % 4] for one in range(4)]
    return items if knows else chance.sample(items, chance.choice([2, 4]))


def mark(_at: int, knows: bool, chance: random.Random) -> list[dict[str, Any]]:
    found = BOXES if knows else chance.sample(BOXES, 1)
    return [box | {"x": round(box["x"] + chance.uniform(0, 0.02), 5)} for box in found]


KINDS = {
    "choice": Kind({"type": "choice", "options": FRUIT}, plain, choose, "pear"),
    "multi": Kind({"type": "multi", "options": FRUIT}, plain, choose_some, ["pear"]),
    "number": Kind({"type": "number", "min": 0, "max": 200}, plain, count, 44),
    "text": Kind({"type": "text"}, plain, name, "Nobody said it"),
    "pair": Kind(
        {"type": "pair"},
        lambda at: dict(zip(("left", "right"), PAIRS[at], strict=True)),
        compare,
        "right",
    ),
    "rank": Kind(
        {"type": "rank", "options": FRUIT}, plain, order, ["fig", "pear", "apple", "plum"]
    ),
    "box": Kind(
        {"type": "box", "options": FRUIT}, lambda _at: {"image": "/media/a.png"}, mark, BOXES[:1]
    ),
}


def asked(kind: str, *, skills: tuple[float, ...] = SKILLS, **question: Any) -> Call:
    """A call that a simulated crowd answered; predictions where the question asks for them."""
    made = KINDS[kind]
    call = make_call(
        n_tasks=N_TASKS,
        question={**made.question, "text": "?", **question},
        answers_max=20,
        answers_target=None,
    )
    for at in range(N_TASKS):
        Task.objects.filter(call=call, key=f"t{at + 1}").update(content=made.content(at))
    add_answers(call, kind, skills=skills, seed=3)
    return call


def add_answers(call: Call, kind: str, *, skills: tuple[float, ...], seed: int) -> None:
    chance = random.Random(seed)
    places = {
        task: at
        for at, task in enumerate(
            Task.objects.filter(call=call).order_by("id").values_list("id", flat=True)
        )
    }
    for skill in skills:
        key = answers.new_key()
        answers.run(answers.join_call(slug=call.slug, key=None, fresh_key=key))
        leased = turns.lease_tasks(call_id=call.pk, key=key, n=50)["tasks"]
        given = []
        for task in leased:
            value = KINDS[kind].answer(places[task["id"]], chance.random() < skill, chance)
            one = {
                "id": str(UUID(int=chance.getrandbits(128), version=4)),
                "task": task["id"],
                "value": value,
            }
            if call.question.get("predict"):
                one["prediction"] = predict(kind, value, chance)
            given.append(one)
        batch = answers.read_answers(question=call.question, given=given)
        reply = turns.record_answers(call_id=call.pk, key=key, batch=batch)
        assert len(reply["accepted"]) == len(given) == N_TASKS


def predict(kind: str, value: Any, chance: random.Random) -> Any:
    if kind == "number":
        return round(max(0, value + chance.gauss(3, 2)), 2)
    return {value: round(chance.uniform(0.3, 0.9), 2), chance.choice(FRUIT): 0.1}


def decide(call: Call) -> VerdictRun:
    run = verdicts.decide_tasks(call_id=call.pk)
    assert run is not None
    return run


def stored(call: Call) -> list[Verdict]:
    return list(Verdict.objects.filter(call_id=call.pk).order_by("task_id"))


def told_of_all(call: Call) -> list[Weighed | Moved | None]:
    return [weigh_answers(call=call, task_id=verdict.task_id) for verdict in stored(call)]


def odds_of(verdict: Verdict, run: VerdictRun, told: Weighed) -> float:
    """The log odds that the stored verdict has."""
    if told.kind == "box":
        chance = verdict.value["boxes"][int(told.label) - 1]["probability"]
        return math.log(chance / (1 - chance))
    if told.kind == "text":
        likely = {one["text"]: one["probability"] for one in verdict.value["texts"]}
        rest = 1 - sum(likely.values())
        return math.log(likely[told.label] / (likely[told.runner_up] if told.runner_up else rest))
    likely = dict(zip(run.classes, verdict.posterior, strict=True))
    if told.kind == "multi":
        return math.log(likely[told.label] / (1 - likely[told.label]))
    assert told.runner_up is not None
    return math.log(likely[told.label] / likely[told.runner_up])


def assert_adds_up(told: Weighed | Moved | None) -> None:
    assert told is not None
    begin, end = (
        (told.prior, told.log_odds) if isinstance(told, Weighed) else (told.start, told.end)
    )
    parts = [one.weight for one in (*told.answers, *told.besides)]
    assert begin + math.fsum(parts) == pytest.approx(end, abs=ROUNDING)


def assert_explains(call: Call, run: VerdictRun, *, n_answers: int = len(SKILLS)) -> None:
    """Each verdict that is stored is what the parts say, to every answer its part."""
    for verdict in stored(call):
        told = weigh_answers(call=call, task_id=verdict.task_id)
        assert_adds_up(told)
        assert told is not None
        assert len(told.answers) == n_answers
        assert told.is_known is False
        if isinstance(told, Weighed):
            expected = odds_of(verdict, run, told)
            # What was rounded to five decimals says less the nearer it is to certain.
            near = 2e-2 if told.kind == "box" else 1e-7 if told.kind == "pair" else ROUNDING
            assert told.log_odds == pytest.approx(expected, abs=near)
        elif told.kind == "number":
            assert told.end == pytest.approx(verdict.estimate, abs=ROUNDING)
            assert math.fsum(told.shares) == pytest.approx(1)
        else:
            items = verdict.value["items"]
            middle = math.fsum(one["score"] for one in items) / len(items)
            assert told.item == items[0]["item"]
            assert told.end == pytest.approx(items[0]["score"] - middle, abs=ROUNDING)


def test_every_type_of_question_is_tried_here() -> None:
    assert set(KINDS) == set(TYPES)


@pytest.mark.parametrize("kind", KINDS)
def test_what_answers_counted_sums_to_the_verdict_whatever_came_since(kind: str) -> None:
    call = asked(kind)
    run = decide(call)

    assert_explains(call, run)
    before = told_of_all(call)
    texts = dict(AnswerText.objects.values_list("answer_id", "text"))
    values = {one.answer_id: one.value for told in before if told for one in told.answers}
    assert values == {one.id: texts.get(one.id, one.value) for one in Answer.objects.all()}

    # An answer is undone, two persons turn out to be one, another comes: nothing until the next.
    people = list(Contributor.objects.filter(call_id=call.pk).order_by("id"))
    gone = Answer.objects.filter(contributor_id=people[1].id)
    gone.update(undone_seq=run.seen_up_to + 1, undone_at=run.as_of)
    merge_persons(person_id=people[0].person_id, into_id=people[4].person_id)
    add_answers(call, kind, skills=(0.9,), seed=8)
    assert told_of_all(call) == before
    assert_explains(call, decide(call), n_answers=len(SKILLS) - 1)

    # Whose habits are gone leaves a part of the verdict untold, so none of it is.
    WorkerHabits.objects.filter(contributor_id=people[2].id).delete()
    assert set(told_of_all(call)) == {None}
    WorkerHabits.objects.all().delete()
    assert set(told_of_all(call)) == {None}


def test_predictions_count_too() -> None:
    for kind in ("choice", "number"):
        call = asked(kind, predict=True)
        assert_explains(call, decide(call))


def test_of_a_known_truth_its_answers_are_told() -> None:
    for kind, made in KINDS.items():
        call = asked(kind)
        task = Task.objects.get(call=call, key="t1")
        rule_task(call=call, task_id=task.id, value=made.truth, reason="I know", by="x")
        decide(call)

        first, *others = told_of_all(call)

        assert_adds_up(first)
        assert first is not None
        assert len(first.answers) == len(SKILLS)
        assert [first.is_known, *(one.is_known for one in others if one)] == [True] + 5 * [False]
        if kind == "choice":
            assert isinstance(first, Weighed)
            assert first.label == made.truth
        elif kind == "box":
            assert [box["label"] for box in first.truth] == ["apple"]
        else:
            assert first.truth == made.truth


def test_run_that_kept_nothing_of_all_explains_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    call = asked("multi")
    monkeypatch.setattr(sets, "SHARED_CELLS_MAX", 0)

    run = decide(call)

    assert run.learned == {}
    assert set(told_of_all(call)) == {None}


def test_option_item_and_box_are_told_by_name() -> None:
    expected = {"multi": ("apple", FRUIT), "rank": ("fig", None), "box": ("2", ["1", "2"])}
    for kind, (about, others) in expected.items():
        call = asked(kind)
        decide(call)
        verdict = stored(call)[0]

        told = weigh_answers(call=call, task_id=verdict.task_id, about=about)
        first, stray = (
            weigh_answers(call=call, task_id=verdict.task_id, about=one) for one in ("", "stray")
        )

        assert_adds_up(told)
        assert first == stray != told
        assert told is not None
        assert (told.item if isinstance(told, Moved) else told.label) == about
        assert sorted(told.others) == sorted(others or FRUIT)

    # Of options, the one that is the least sure where none is asked for.
    call = asked("multi")
    run = decide(call)
    for verdict, told in zip(stored(call), told_of_all(call), strict=True):
        chances = zip(run.classes, verdict.posterior, strict=True)
        assert isinstance(told, Weighed)
        assert told.label == min(chances, key=lambda one: abs(one[1] - 0.5))[0]
