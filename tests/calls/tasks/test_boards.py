"""The board's numbers are kept as answers come, and are those that counting would give."""

from __future__ import annotations

import random
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db.models import Sum

from dure import postgres
from dure.calls.tasks import answers, turns, verdicts
from dure.calls.tasks.boards import read_board, standings_of
from dure.calls.tasks.models import Answer, Presence, Pulse, Refit, SourceCount, Tally
from dure.clock import now
from tests.calls.tasks.test_verdicts import crowd_answers
from tests.factories import HOW_MANY, make_call

pytestmark = pytest.mark.usefixtures("live_db")


def test_each_answer_is_counted_once_whatever_fits_fall_between() -> None:
    call = make_call(n_tasks=5, answers_max=50)
    chance = random.Random(5)

    for _ in range(6):
        given = [[chance.choice(["yes", "no", None]) for _ in range(chance.randint(1, 5))]
                 for _ in range(chance.randint(1, 3))]  # fmt: skip
        crowd_answers(call, *given)
        for _ in range(chance.randint(0, 2)):
            verdicts.decide_tasks(call_id=call.pk)
    verdicts.decide_tasks(call_id=call.pk)
    verdicts.decide_tasks(call_id=call.pk)

    n_answers = Answer.objects.filter(is_skip=False).count()
    n_skips = Answer.objects.filter(is_skip=True).count()
    n_people = Answer.objects.values("contributor_id").distinct().count()
    for step_s in (Pulse.MINUTE, Pulse.HOUR):
        sums = Pulse.objects.filter(step_s=step_s).aggregate(a=Sum("answers"), s=Sum("skips"))
        assert sums == {"a": n_answers, "s": n_skips}
    assert Presence.objects.aggregate(a=Sum("answers"))["a"] == n_answers
    source = SourceCount.objects.get()
    assert (source.people, source.answers, source.came_back) == (n_people, n_answers, 0)
    board = read_board(call)
    assert (board.people.all, board.people.recent) == (n_people, n_people)
    assert board.counts["counted"] == n_answers


def test_who_comes_on_another_day_came_back_and_is_counted_so_once() -> None:
    call = make_call(n_tasks=3, answers_max=5)
    key = answers.new_key()
    answers.run(answers.join_call(slug=call.slug, key=None, fresh_key=key, source="Poster"))
    with postgres.connect("owner") as owner:
        for day in ("2026-03-01", "2026-03-01", "2026-03-04"):
            owner.execute(
                "create or replace function collect.now() returns timestamptz language sql volatile"
                f" as $$ select '{day} 10:00+00'::timestamptz $$"
            )
            task = turns.lease_tasks(call_id=call.pk, key=key, n=1)["tasks"][0]
            given = [{"id": str(uuid4()), "task": task["id"], "value": "yes"}]
            batch = answers.read_answers(question=call.question, given=given)
            turns.record_answers(call_id=call.pk, key=key, batch=batch)
            verdicts.decide_tasks(call_id=call.pk)

    source = SourceCount.objects.get()
    assert (source.source, source.people, source.came_back, source.answers) == ("poster", 1, 1, 3)
    assert Presence.objects.get().days == 2


def test_board_says_how_tasks_stand_and_what_is_left() -> None:
    call = make_call(n_tasks=3, answers_min=2, answers_max=4, answers_target=0.7)
    crowd_answers(call, ["yes", "yes"], ["yes", "no"], ["yes", "yes"], ["yes", "no"])
    Tally.objects.update_or_create(call_id=call.pk, slot=0, defaults={"tasks": 3})
    verdicts.decide_tasks(call_id=call.pk)

    board = read_board(call)

    standing = board.standing
    assert (standing.tasks, standing.open, standing.decided, standing.disputed) == (3, 1, 1, 1)
    assert standings_of([call.pk])[call.pk] == standing
    assert board.forecast.answers_left == 4
    assert board.forecast.per_hour == 8
    assert board.forecast.hours == 0.5
    shares = {one["value"]: one for one in board.summary["shares"]}
    assert abs(shares["yes"]["share"] + shares["no"]["share"] - 1) < 1e-9
    assert all(one["low"] <= one["share"] <= one["high"] for one in shares.values())


def test_there_is_no_forecast_where_nobody_answers() -> None:
    call = make_call(n_tasks=2)
    crowd_answers(call, ["yes"])
    verdicts.decide_tasks(call_id=call.pk)
    Pulse.objects.update(at=now() - timedelta(days=3))

    board = read_board(call)

    assert board.forecast.hours is None
    assert board.forecast.answers_left == 9


def test_call_without_any_fit_has_an_empty_board() -> None:
    call = make_call(n_tasks=0)

    board = read_board(call)

    assert board.as_of is None
    assert board.standing.settled == 0.0
    assert (board.minutes, board.hours, board.people.sources) == ([], [], [])


def test_first_answers_are_told_from_none_before_any_fit_has_counted_them() -> None:
    call = make_call(n_tasks=2)
    fresh = read_board(call)
    crowd_answers(call, ["yes"])

    board = read_board(call)

    assert (fresh.counts["counted"], fresh.is_first_count) == (0, False)
    assert (board.counts["counted"], board.is_first_count, board.people.sources) == (1, True, [])
    verdicts.decide_tasks(call_id=call.pk)
    assert not read_board(call).is_first_count


def test_tasks_that_no_fit_has_seen_are_left_to_ask() -> None:
    call = make_call(n_tasks=2, answers_max=5)
    Tally.objects.update_or_create(call_id=call.pk, slot=0, defaults={"tasks": 2})
    before = read_board(call).forecast
    crowd_answers(call, ["yes"])
    verdicts.decide_tasks(call_id=call.pk)
    Tally.objects.update_or_create(call_id=call.pk, slot=0, defaults={"tasks": 3})

    after = read_board(call).forecast

    assert (before.answers_left, before.hours) == (10, None)
    assert after.answers_left == 9 + 5


def test_numbers_are_summed_up_as_a_spread() -> None:
    call = make_call(n_tasks=3, question=HOW_MANY)
    crowd_answers(call, [1, 50, 90], [2, 52, 95])
    verdicts.decide_tasks(call_id=call.pk)

    summary = Refit.objects.get().summary

    assert summary["tasks"] == 3
    assert sum(summary["spread"]["counts"]) == 3
    assert summary["spread"]["edges"] == sorted(summary["spread"]["edges"])


@pytest.mark.parametrize("n_sources", [1, 3, 12])
def test_board_takes_the_same_queries_however_much_came(
    n_sources: int, django_assert_num_queries: object
) -> None:
    call = make_call(n_tasks=2, answers_max=50)
    for number in range(n_sources):
        key = answers.new_key()
        answers.run(answers.join_call(slug=call.slug, key=None, fresh_key=key, source=f"s{number}"))
    crowd_answers(call, *[["yes"]] * n_sources)
    verdicts.decide_tasks(call_id=call.pk)

    with django_assert_num_queries(8):  # type: ignore[operator]
        read_board(call)
