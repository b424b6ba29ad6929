"""One person who turns out to have had two keys counts once."""

from __future__ import annotations

import random
import threading
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from dure import postgres
from dure.calls.models import Call
from dure.calls.tasks import answers, turns, verdicts
from dure.calls.tasks.merging import (
    OtherAccount,
    find_person,
    keep_under,
    merge_persons,
    use_claim,
)
from dure.calls.tasks.models import Answer, Lease, Tally, TaskProgress
from dure.errors import Refusal
from dure.people.claiming import ClaimOver, make_claim
from dure.people.models import Account, Contributor, Person, PersonKey, PersonMerge
from tests.factories import make_call

pytestmark = pytest.mark.usefixtures("live_db")


def join(call: Call) -> str:
    key = answers.new_key()
    answers.run(answers.join_call(slug=call.slug, key=None, fresh_key=key))
    return key


def lease(call: Call, key: str, n: int = 50) -> list[int]:
    return [task["id"] for task in turns.lease_tasks(call_id=call.pk, key=key, n=n)["tasks"]]


def give(call: Call, key: str, task: int, value: Any) -> dict[str, Any]:
    given = [{"id": str(uuid4()), "task": task, "value": value}]
    batch = answers.read_answers(question=call.question, given=given)
    return turns.record_answers(call_id=call.pk, key=key, batch=batch)


def person_of(key: str) -> int:
    return PersonKey.objects.get(hash=answers.hash_key(key)).person_id


def test_of_two_answers_to_a_task_the_earlier_counts_and_the_later_is_kept() -> None:
    call = make_call(n_tasks=1)
    phone, laptop = join(call), join(call)
    (task,) = lease(call, phone)
    lease(call, laptop)
    give(call, phone, task, "yes")
    give(call, laptop, task, "no")

    assert merge_persons(person_id=person_of(laptop), into_id=person_of(phone))

    rows = [(row.value, row.superseded_seq is None) for row in Answer.objects.order_by("at")]
    assert rows == [("yes", True), ("no", False)]
    assert TaskProgress.objects.get().counted == 1
    run = verdicts.decide_tasks(call_id=call.pk)
    assert run is not None
    assert run.answers_seen == 1


def test_merged_person_is_served_no_task_that_either_had_answered() -> None:
    call = make_call(n_tasks=3)
    phone, laptop = join(call), join(call)
    tasks = lease(call, phone, n=2)
    give(call, phone, tasks[0], "yes")
    merge_persons(person_id=person_of(laptop), into_id=person_of(phone))

    leased = lease(call, laptop)

    assert leased[0] == tasks[1], "what the phone holds comes first"
    assert tasks[0] not in leased
    assert give(call, laptop, tasks[0], "no")["refused"][0]["reason"] == "already-answered"
    assert give(call, laptop, tasks[1], "no")["accepted"] != []


def test_seat_held_twice_by_one_person_goes_back() -> None:
    call = make_call(n_tasks=1)
    phone, laptop = join(call), join(call)
    lease(call, phone)
    lease(call, laptop)
    assert TaskProgress.objects.get().leased == 2

    merge_persons(person_id=person_of(laptop), into_id=person_of(phone))

    assert TaskProgress.objects.get().leased == 1
    assert Lease.objects.filter(status="held").count() == 1


def test_merging_again_or_the_other_way_round_changes_nothing() -> None:
    call = make_call()
    here, there = person_of(join(call)), person_of(join(call))

    news = [
        merge_persons(person_id=here, into_id=there),
        merge_persons(person_id=here, into_id=there),
        merge_persons(person_id=there, into_id=here),
        merge_persons(person_id=here, into_id=here),
    ]

    assert news == [True, False, False, False]


def test_merged_person_who_joins_again_keeps_the_pseudonym_of_the_call() -> None:
    first, second = make_call(), make_call()
    phone = join(first)
    laptop = join(second)
    merge_persons(person_id=person_of(phone), into_id=person_of(laptop))

    joined = answers.run(answers.join_call(slug=first.slug, key=laptop, fresh_key=None))

    assert joined["contributor"] == Contributor.objects.get(call_id=first.pk).pseudonym


def test_random_histories_of_merges_and_answers_keep_every_count_right() -> None:
    """Answers from five keys and merges among them at once: nobody counts twice for a task."""
    chance = random.Random(3)
    for _ in range(6):
        call = make_call(n_tasks=4, answers_min=1, answers_max=4)
        keys = [join(call) for _ in range(5)]
        persons = [person_of(key) for key in keys]
        pairs = [tuple(chance.sample(persons, 2)) for _ in range(3)]
        threads = [
            threading.Thread(target=work, args=(call, key, chance.random())) for key in keys
        ] + [threading.Thread(target=merge, args=pair) for pair in pairs]

        run_at_once(threads)

        check_counts(call)


def run_at_once(threads: list[threading.Thread]) -> None:
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def work(call: Call, key: str, seed: float) -> None:
    chance = random.Random(seed)
    try:
        for _ in range(4):
            for task in lease(call, key, n=2):
                give(call, key, task, chance.choice(["yes", "no", None]))
    except Refusal as refusal:
        raise AssertionError(refusal.sentence) from refusal
    finally:
        connection.close()


def merge(person: int, into: int) -> None:
    try:
        merge_persons(person_id=person, into_id=into)
    finally:
        connection.close()


def check_counts(call: Call) -> None:
    with postgres.connect("owner") as owner:
        twice = owner.execute(
            "select a.task_id, people_root(c.person_id), count(*) from tasks_answer a"
            " join people_contributor c on c.call_id = a.call_id and c.id = a.contributor_id"
            " where a.call_id = %s and undone_seq is null and superseded_seq is null"
            " group by 1, 2 having count(*) > 1",
            (call.pk,),
        ).fetchall()
        wrong = owner.execute(
            "select p.task_id, p.counted, p.leased from tasks_taskprogress p"
            " where p.call_id = %(call)s and (p.counted <> (select count(*) from tasks_answer a"
            " where a.call_id = p.call_id and a.task_id = p.task_id and not a.is_skip"
            " and not a.is_late and a.undone_seq is null and a.superseded_seq is null)"
            " or p.leased <> (select count(*) from tasks_lease l where l.call_id = p.call_id"
            " and l.task_id = p.task_id and l.status = 'held'))",
            {"call": call.pk},
        ).fetchall()
    assert (twice, wrong) == ([], [])
    counted = sum(TaskProgress.objects.filter(call_id=call.pk).values_list("counted", flat=True))
    assert counted == sum(Tally.objects.filter(call_id=call.pk).values_list("counted", flat=True))
    assert Person.objects.exists()


def test_account_is_found_again_after_a_link_from_a_browser_without_one() -> None:
    call = make_call()
    phone, laptop = join(call), join(call)
    account = Account.objects.create_user("mina@example.org")
    keep_under(account=account, key=laptop)

    use_claim(token=make_claim(person_id=person_of(phone)), key=laptop)

    here, there = find_person(phone), find_person(laptop)
    assert here == there
    assert here is not None
    assert here.account == account


def test_two_browsers_that_open_one_link_at_once_use_it_once() -> None:
    call = make_call()
    token = make_claim(person_id=person_of(join(call)))
    found: list[str] = []

    def open_link(key: str) -> None:
        try:
            use_claim(token=token, key=key)
            found.append("used")
        except ClaimOver:
            found.append("over")
        finally:
            connection.close()

    run_at_once([threading.Thread(target=open_link, args=(join(call),)) for _ in range(4)])

    assert sorted(found) == ["over", "over", "over", "used"]
    assert PersonMerge.objects.count() == 1


def test_two_accounts_that_claim_one_person_at_once_are_not_mixed() -> None:
    call = make_call()
    key = join(call)
    accounts = [Account.objects.create_user(f"{name}@example.org") for name in "abcd"]
    found: list[str] = []

    def claim(account: Account) -> None:
        try:
            keep_under(account=account, key=key)
            found.append("kept")
        except OtherAccount:
            found.append("refused")
        finally:
            connection.close()

    run_at_once([threading.Thread(target=claim, args=(account,)) for account in accounts])

    assert sorted(found) == ["kept", "refused", "refused", "refused"]
    assert Person.objects.exclude(account=None).count() == 1


def test_browser_that_has_cleared_its_cookies_goes_on_by_the_account() -> None:
    call = make_call(n_tasks=1)
    key = join(call)
    lease(call, key)
    account = Account.objects.create_user()
    keep_under(account=account, key=key)

    new = keep_under(account=account, key=None)

    assert new != key
    assert find_person(new) == find_person(key)
    joined = answers.run(answers.join_call(slug=call.slug, key=new, fresh_key=None))
    assert Contributor.objects.get().pseudonym == joined["contributor"]


def test_undo_gives_back_the_seat_that_the_other_browser_had_leased() -> None:
    call = make_call(n_tasks=1)
    phone, laptop = join(call), join(call)
    (task,) = lease(call, phone)
    merge_persons(person_id=person_of(laptop), into_id=person_of(phone))
    (answer,) = give(call, laptop, task, "yes")["accepted"]

    answers.run(answers.undo_answer(call_id=call.pk, key=phone, answer=answer))

    check_counts(call)
    assert lease(call, laptop) == [task]


@pytest.mark.parametrize("taken_back_on", ["phone", "laptop"])
def test_task_is_offered_again_after_undoing_the_kept_of_two_merged_answers(
    taken_back_on: str,
) -> None:
    call = make_call(n_tasks=1)
    keys = {"phone": join(call), "laptop": join(call)}
    phone, laptop = keys.values()
    (task,) = lease(call, phone)
    lease(call, laptop)
    (kept,) = give(call, phone, task, "yes")["accepted"]
    give(call, laptop, task, "no")
    merge_persons(person_id=person_of(laptop), into_id=person_of(phone))

    key = keys[taken_back_on]
    answers.run(answers.undo_answer(call_id=call.pk, key=key, answer=kept))
    answers.run(answers.return_tasks(call_id=call.pk, key=key, tasks=[task]))

    check_counts(call)
    assert lease(call, key) == [task]
    assert give(call, key, task, "no")["accepted"] != []
    check_counts(call)
