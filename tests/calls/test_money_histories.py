"""Money in random histories: promises, answers, gains, settlements, payouts, merges and crashes.

Every step may be broken off at any statement, and is then done twice: it has the effect of one.
After each step what stands in the ledger is compared with what the rows beside it say.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from dure import clock
from dure.calls import life, paying_out, payout_rules
from dure.calls.models import Call
from dure.calls.promises import find_part
from dure.calls.settling import propose_settlement, verify_settlements
from dure.calls.shares.gains import Period, correct_gain, gains_pot_minor, record_gain
from dure.calls.shares.models import Gain, PayIn, Settlement, SettlementShare
from dure.calls.shares.moving import call_owner, contributor_owner, pot_owner
from dure.calls.shares.paying_in import pay_back, pay_in
from dure.calls.shares.posting import post_settlement
from dure.calls.shares.promising import better_promise
from dure.calls.shares.settlements import approve_settlement, propose_taking_back
from dure.calls.tasks import answers, turns
from dure.calls.tasks.merging import merge_persons
from dure.calls.tasks.models import Accrual, Task
from dure.calls.tasks.pay import pay_answers
from dure.errors import Refusal
from dure.ledger.audit import audit
from dure.ledger.models import Entry, Purpose, Transaction
from dure.ledger.money import Money
from dure.ledger.payouts.models import Payout, PayoutBatch, PayoutSource, PayoutWithheld
from dure.ledger.verifying import verify
from dure.people.models import Contributor, PersonMerge
from dure.people.payees import set_payee
from tests.factories import make_call
from tests.histories import run_histories

RUNS = int(os.environ.get("DURE_STATE_RUNS", "6"))
DRILL_RUNS = 100
PEOPLE, TASKS, ANSWERS_AT_ONCE = 3, 44, 22
ADA, BO = "account:1", "account:2"
PERIOD = Period(date(2026, 1, 1), date(2026, 3, 31))
PROMISE: dict[str, Any] = {
    "kind": "several",
    "parts": [
        {"kind": "per_answer", "amount_minor": 7, "currency": "KRW"},
        {"kind": "pool", "amount_minor": 1_003, "currency": "KRW", "base_percent": 30},
        {
            "kind": "revenue_share", "percent": 11, "currency": "KRW", "cap_minor": 5_000,
            "until": "2200-12-31", "report_months": 3, "base_percent": 50,
        },
    ],
}  # fmt: skip

people = st.integers(0, PEOPLE - 1)
won = st.integers(1, 3_000)
# At which statement a step breaks off, before it is done after all; 0 is never.
crashes = st.integers(0, 25)


class Crash(Exception):
    """The process died here."""


class Treasury(RuleBasedStateMachine):
    """One organisation, one call, three people who answer in one browser each."""

    @initialize(withholds=st.booleans(), ahead=st.integers(0, 2_000), is_closed=st.booleans())
    def open_call(self, withholds: bool, ahead: int, is_closed: bool) -> None:
        """Everybody has given half their answers; some money is there, and some gain."""
        self.call: Call = make_call(
            n_tasks=TASKS, promise=PROMISE, answers_min=1, answers_max=PEOPLE
        )
        self.organisation = self.call.organisation
        Task.objects.filter(call=self.call).update(gold="yes")
        self.keys = [answers.new_key() for _ in range(PEOPLE)]
        self.given = [0] * PEOPLE
        self.raised = 0
        for key in self.keys:
            answers.run(answers.join_call(slug=self.call.slug, key=None, fresh_key=key))
        for person in self.persons():
            set_payee(person_id=person, kind="kr_bank", holder="Kim", country="KR", bank="004",
                      account="12345678901")  # fmt: skip
        if withholds:
            payout_rules.add_rule(
                organisation=self.organisation, by=ADA, country="KR", name="income",
                basis_points=330, above=Money(100, "KRW"), unit_minor=10,
            )  # fmt: skip
        for person, right in enumerate((22, 19, 11)):
            self.answer(person, right)
        if ahead:
            self.pay_in(ahead, 0)
        if is_closed:
            self.close(0)
        else:
            self.gain(10_000, 0)

    @rule(person=people, right=st.integers(10, 22))
    def answer(self, person: int, right: int) -> None:
        self.call.refresh_from_db()
        if self.given[person] >= TASKS or self.call.state != "open":
            return
        key = self.keys[person]
        leased = turns.lease_tasks(call_id=self.call.pk, key=key, n=ANSWERS_AT_ONCE)["tasks"]
        given = [
            {"id": str(uuid4()), "task": task["id"], "value": "yes" if n < right else "no"}
            for n, task in enumerate(leased)
        ]
        if given:
            batch = answers.read_answers(question=self.call.question, given=given)
            turns.record_answers(call_id=self.call.pk, key=key, batch=batch)
        self.given[person] += len(given)

    @rule(crash=crashes)
    def pay(self, crash: int) -> None:
        later = clock.now() + timedelta(seconds=20)
        self.do(lambda: pay_answers(call_id=self.call.pk, at=later), crash)

    @rule(amount=won, crash=crashes)
    def pay_in(self, amount: int, crash: int) -> None:
        key = str(uuid4())
        self.do(lambda: pay_in(call=self.call, money=Money(amount, "KRW"), note="", by=ADA,
                               request_key=key), crash)  # fmt: skip

    @rule(amount=won, crash=crashes)
    def pay_back(self, amount: int, crash: int) -> None:
        key = str(uuid4())
        self.do(lambda: pay_back(call=self.call, money=Money(amount, "KRW"), note="", by=ADA,
                                 request_key=key), crash)  # fmt: skip

    @rule(amount=st.integers(0, 30_000), crash=crashes)
    def gain(self, amount: int, crash: int) -> None:
        key = str(uuid4())
        self.do(lambda: record_gain(call=self.call, money=Money(amount, "KRW"), period=PERIOD,
                                    note="", by=ADA, request_key=key), crash)  # fmt: skip

    @rule(amount=st.integers(0, 30_000), crash=crashes)
    def correct(self, amount: int, crash: int) -> None:
        gain = Gain.objects.filter(call=self.call, corrects=None).last()
        if gain is not None:
            key = str(uuid4())
            self.do(lambda: correct_gain(call=self.call, gain_id=gain.pk, amount_minor=amount,
                                         note="Why", by=ADA, request_key=key), crash)  # fmt: skip

    @rule(crash=crashes)
    def promise_more(self, crash: int) -> None:
        self.raised += 1
        answer, pool, share = PROMISE["parts"]
        more = {
            "kind": "several",
            "parts": [
                {**answer, "amount_minor": 7 + self.raised},
                {**pool, "amount_minor": 1_003 + 10 * self.raised},
                {**share, "percent": min(100, 11 + self.raised)},
            ],
        }
        self.do(lambda: better_promise(call=self.call, promise=more, by=ADA, can_check=True), crash)

    @rule(crash=crashes)
    @precondition(lambda self: sum(self.given) > TASKS)
    def close(self, crash: int) -> None:
        self.do(lambda: life.close_call(call=self.call, by=ADA), crash)

    @rule(crash=crashes, steps=st.integers(1, 3))
    def settle(self, crash: int, steps: int) -> None:
        """Propose, approve, post: as many of these steps as are said."""
        self.do(lambda: propose_settlement(call=self.call, by=ADA), crash)
        made = self.settlements().filter(approved_at=None, withdrawn_at=None).first()
        if made is not None and steps > 1:
            self.do(lambda: approve_settlement(settlement=made, by=BO), crash)
        if steps > 2:
            self.post(crash)

    @rule(crash=crashes)
    def post(self, crash: int) -> None:
        for one in self.settlements().filter(approved_at__isnull=False, posted_at=None):
            self.do(lambda one=one: post_settlement(one.pk), crash)

    @rule(crash=crashes)
    def take_back(self, crash: int) -> None:
        one = self.settlements().filter(kind="share", posted_at__isnull=False).last()
        if one is None:
            return
        self.do(lambda: propose_taking_back(settlement=one, note="Wrong", by=ADA), crash)
        back = Settlement.objects.filter(corrects=one, approved_at=None, withdrawn_at=None).first()
        if back is not None:
            self.do(lambda: approve_settlement(settlement=back, by=BO), crash)

    @rule(crash=crashes, steps=st.integers(1, 4))
    def pay_out(self, crash: int, steps: int) -> None:
        """Make a batch, release it, mark it as paid, have one come back: as many as are said."""
        key, of = str(uuid4()), {"organisation": self.organisation}
        self.do(
            lambda: paying_out.propose_batch(**of, currency="KRW", by=ADA, request_key=key), crash
        )
        batch = self.batches().filter(cancelled_at=None).last()
        if batch is None:
            return
        which = {**of, "batch_id": batch.pk}
        if steps > 1:
            self.do(lambda: paying_out.release_batch(**which, by=BO), crash)
        if steps > 2:
            self.do(lambda: paying_out.mark_paid(**which, by=ADA), crash)
        paid = self.payouts().filter(paid_at__isnull=False, returned_at=None).last()
        if paid is not None and steps > 3:
            self.do(
                lambda: paying_out.mark_returned(
                    **of, reference=paid.reference, reason="Unknown account", by=ADA
                ),
                crash,
            )

    @rule(crash=crashes)
    def remit(self, crash: int) -> None:
        key = str(uuid4())
        self.do(lambda: paying_out.remit_withheld(
            organisation=self.organisation, name="income", currency="KRW", by=ADA, request_key=key
        ), crash)  # fmt: skip

    @rule(one=people, other=people)
    def merge(self, one: int, other: int) -> None:
        persons = self.persons()
        if PersonMerge.objects.filter(person_id__in=persons).exists() or one == other:
            return
        merge_persons(person_id=persons[one], into_id=persons[other])

    def do(self, step: Callable[[], object], crash: int) -> None:
        """Break off, then do it, then do it again."""
        if crash:
            try:
                with connection.execute_wrapper(_crash_at(crash)):
                    step()
            except (Crash, Refusal):
                pass
        first = _outcome(step)
        standing = self.standing()
        assert _outcome(step) == first
        assert self.standing() == standing

    def standing(self) -> list[Any]:
        """All that a step may leave behind, by how much there is of it."""
        rows = [Transaction, Entry, PayIn, Gain, Accrual, PayoutSource]
        return [
            *(model.objects.count() for model in rows),
            list(
                self.settlements().values_list("number", "approved_by", "withdrawn_by", "posted_at")
            ),
            list(self.payouts().values_list("reference", "paid_at", "returned_at")),
            list(self.batches().values_list("pk", "released_by", "cancelled_by")),
        ]

    @invariant()
    def every_transaction_balances(self) -> None:
        assert audit().is_sound

    @invariant()
    def custody_is_what_came_in_less_what_went_out(self) -> None:
        held = -self.stands(call_owner(self.call.pk), Purpose.HELD)
        came_in = sum(PayIn.objects.filter(call=self.call).values_list("amount_minor", flat=True))
        beside = Entry.objects.filter(
            account__owner=call_owner(self.call.pk), account__purpose=Purpose.HELD,
            transaction__key__startswith="paid-in:",
        )  # fmt: skip
        came_in -= sum(beside.values_list("amount_minor", flat=True))
        gone = self.payouts().filter(paid_at__isnull=False, returned_at=None)
        went_out = sum(gone.values_list("net_minor", flat=True))
        remitted = PayoutWithheld.objects.filter(
            source__payout__in=self.payouts(), remitted_as__isnull=False, offset_as=None
        )
        went_out += sum(remitted.values_list("amount_minor", flat=True))

        assert held == came_in - went_out
        assert held >= 0

    @invariant()
    def everybody_is_owed_what_they_earned_less_what_they_were_paid(self) -> None:
        owed: Counter[str] = Counter()
        posted = Accrual.objects.filter(call_id=self.call.pk, posted_as__isnull=False)
        for contributor, amount in posted.values_list("contributor_id", "amount_minor"):
            owed[self.owner_of(contributor)] += amount
        shares = SettlementShare.objects.filter(settlement__in=self.settlements().filter(
            posted_at__isnull=False))  # fmt: skip
        for one in shares:
            owed[self.owner_of(one.contributor_id)] += one.base_minor + one.value_minor
        paid = PayoutSource.objects.filter(
            payout__in=self.payouts().filter(paid_at__isnull=False, returned_at=None)
        )
        for source in paid:
            owed[source.owner] -= source.amount_minor
        if self.settlements().filter(approved_at__isnull=False, posted_at=None).exists():
            # One that broke off is in part in the ledger.
            return
        for contributor in self.contributors():
            name = self.owner_of(contributor)
            assert self.stands(name, Purpose.OWED_TO) == owed[name]

    @invariant()
    def what_is_paid_ahead_and_what_is_owed_have_the_right_signs(self) -> None:
        own = call_owner(self.call.pk)
        deposit, owed = self.stands(own, Purpose.DEPOSIT), -self.stands(own, Purpose.OWED_BY)
        assert deposit >= 0
        assert owed >= 0
        assert not (deposit and owed)

    @invariant()
    def no_more_is_shared_than_there_ever_was(self) -> None:
        settled = self.settlements().filter(approved_at__isnull=False)
        shared = sum(one.base_minor + one.value_minor for one in settled)
        most = max((one.pot_minor for one in settled), default=0)
        assert 0 <= shared <= most
        assert self.stands(pot_owner(self.call.pk), Purpose.OWED_TO) >= -most

    @invariant()
    def the_pot_holds_what_is_owed_to_all_and_not_shared_yet(self) -> None:
        settled = self.settlements().filter(approved_at__isnull=False)
        if settled.filter(posted_at=None).exists():
            return
        self.call.refresh_from_db()
        pool = find_part(self.call.promise, "pool")
        assert pool is not None
        owed = gains_pot_minor(self.call.promise, gains=Gain.objects.filter(call=self.call))
        owed += pool["amount_minor"] if self.call.state == "closed" else 0
        shared = sum(one.base_minor + one.value_minor for one in settled)

        assert self.stands(pot_owner(self.call.pk), Purpose.OWED_TO) == owed - shared

    def teardown(self) -> None:
        if hasattr(self, "call"):
            assert [one.fault for one in verify_settlements(self.call) if one.fault] == []
            assert verify().is_sound

    def stands(self, owner: str, purpose: Purpose) -> int:
        entries = Entry.objects.filter(account__owner=owner, account__purpose=purpose)
        return sum(entries.values_list("amount_minor", flat=True))

    def owner_of(self, contributor_id: int) -> str:
        return contributor_owner(call_id=self.call.pk, contributor_id=contributor_id)

    def contributors(self) -> list[int]:
        found = Contributor.objects.filter(call_id=self.call.pk).order_by("id")
        return list(found.values_list("id", flat=True))

    def persons(self) -> list[int]:
        found = Contributor.objects.filter(call_id=self.call.pk).order_by("id")
        return list(found.values_list("person_id", flat=True))

    def settlements(self) -> Any:
        return Settlement.objects.filter(call=self.call).order_by("number")

    def batches(self) -> Any:
        return PayoutBatch.objects.filter(owner=f"organisation:{self.organisation.pk}").order_by(
            "pk"
        )

    def payouts(self) -> Any:
        return Payout.objects.filter(batch__in=self.batches()).order_by("pk")


def _crash_at(statement: int) -> Callable[..., Any]:
    left = statement

    def execute(run: Callable[..., Any], *arguments: Any) -> Any:
        nonlocal left
        left -= 1
        if left == 0:
            raise Crash
        return run(*arguments)

    return execute


def _outcome(step: Callable[[], object]) -> str:
    try:
        step()
    except Refusal as refusal:
        return refusal.code
    return ""


@pytest.mark.usefixtures("live_db")
def test_no_won_is_lost_or_made_in_random_histories() -> None:
    run_histories(Treasury, runs=RUNS, steps=40)


@pytest.mark.drill
@pytest.mark.usefixtures("live_db")
def test_no_won_is_lost_or_made_in_many_long_histories() -> None:
    run_histories(Treasury, runs=DRILL_RUNS, steps=80)
