"""What contributors earn by their answers: accrued for each answer, posted in batches."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Count, Exists, OuterRef

from dure.calls.models import Call
from dure.calls.promises import find_part
from dure.calls.shares.moving import contributor_owner, earn_legs
from dure.calls.tasks.models import Accrual, Answer
from dure.errors import Unknown
from dure.ledger.journal import Leg, post
from dure.ledger.models import Purpose
from dure.ledger.money import Money
from dure.ledger.queries import balances

ACCRUALS_PER_BATCH = 5_000
# One run posts ten million accruals at most; the next run goes on from there.
BATCHES_MAX = 2_000

REASON_CODES = {
    Accrual.Reason.COUNTED: "answers-counted",
    Accrual.Reason.WITHDRAWN: "answers-withdrawn",
}


def pay_answers(*, call_id: int, at: datetime | None = None) -> int:
    """How many accruals were posted: those of answers that count, less those that ceased to.

    Every step is a transaction of its own, and leaves what the next run needs to go on.
    """
    call = Call.objects.filter(pk=call_id).first()
    if call is None:
        raise Unknown(f"There is no call {call_id}.")
    if _rate(call) is None:
        return 0
    _accrue(call_id=call_id, at=at)
    counted = _post_all(call=call, reason=Accrual.Reason.COUNTED)
    _withdraw(call_id=call_id, at=at)
    return counted + _post_all(call=call, reason=Accrual.Reason.WITHDRAWN)


def has_unpaid(*, call_id: int) -> bool:
    """Whether an answer counts that has earned nothing yet, in a call that pays for answers."""
    call = Call.objects.filter(pk=call_id).first()
    if call is None or _rate(call) is None:
        return False
    accrued = Accrual.objects.filter(
        call_id=call_id, answer_id=OuterRef("id"), reason=Accrual.Reason.COUNTED
    )
    counted = Answer.objects.filter(
        call_id=call_id, is_skip=False, is_late=False, undone_seq=None, superseded_seq=None
    )
    return counted.filter(~Exists(accrued)).exists()


def earnings(*, call_id: int, contributor_id: int) -> list[Money]:
    """What stands in the ledger for a contributor, one amount for each currency."""
    owner = contributor_owner(call_id=call_id, contributor_id=contributor_id)
    return balances(owner=owner, purpose=Purpose.OWED_TO)


def _rate(call: Call) -> Money | None:
    part = find_part(call.promise, "per_answer")
    return Money(part["amount_minor"], part["currency"]) if part is not None else None


def count_paid(*, contributor_ids: Sequence[int]) -> dict[int, int]:
    """By call, of how many answers what they earned stands in the ledger."""
    posted = Accrual.objects.filter(contributor_id__in=contributor_ids, posted_as__isnull=False)
    counts: Counter[int] = Counter()
    signs = {Accrual.Reason.COUNTED: 1, Accrual.Reason.WITHDRAWN: -1}
    for call_id, reason, n in posted.values_list("call_id", "reason").annotate(
        n=Count("answer_id")
    ):
        counts[call_id] += signs[Accrual.Reason(reason)] * n
    return dict(counts)


@transaction.atomic
def _accrue(*, call_id: int, at: datetime | None) -> None:
    _hold_pay(call_id)
    # Read anew, for it may have become better while this waited.
    rate = _rate(Call.objects.get(pk=call_id))
    assert rate is not None, "what was promised for answers was taken back"
    with connection.cursor() as cursor:
        cursor.execute(
            "select tasks_accrue(%s, %s, %s, %s)",
            [call_id, at, rate.amount_minor, rate.currency],
        )


@transaction.atomic
def _withdraw(*, call_id: int, at: datetime | None) -> None:
    _hold_pay(call_id)
    with connection.cursor() as cursor:
        cursor.execute("select tasks_withdraw(%s, %s)", [call_id, at])


def _post_all(*, call: Call, reason: Accrual.Reason) -> int:
    posted = 0
    for _ in range(BATCHES_MAX):
        in_batch = _post_batch(call=call, reason=reason)
        posted += in_batch
        if not in_batch:
            break
    return posted


@transaction.atomic
def _post_batch(*, call: Call, reason: Accrual.Reason) -> int:
    """The next accruals as one ledger transaction, and the mark on them: both or neither."""
    # Two jobs would read the same accruals: the second waits, and reads what the first left.
    _hold_pay(call.pk)
    # By contributor, so that a batch has few legs and a contributor is in few batches.
    batch = list(
        Accrual.objects.filter(call_id=call.pk, reason=reason, posted_as=None)
        .order_by("contributor_id", "answer_id")
        .values_list("contributor_id", "answer_id", "amount_minor", "currency")[:ACCRUALS_PER_BATCH]
    )
    if not batch:
        return 0
    answers = [answer_id for _contributor, answer_id, _amount, _currency in batch]
    key = _key(call_id=call.pk, reason=reason, answers=answers)
    post(
        key=key,
        reason=REASON_CODES[reason],
        entries=_legs(call=call, batch=batch),
        facts=_facts(call_id=call.pk, reason=reason, answers=answers),
    )
    return Accrual.objects.filter(call_id=call.pk, reason=reason, answer_id__in=answers).update(
        posted_as=key
    )


def _hold_pay(call_id: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select tasks_hold_pay(%s)", [call_id])


def _key(*, call_id: int, reason: Accrual.Reason, answers: Sequence[UUID]) -> str:
    """The same accruals give the same key, whoever posts them and however often."""
    digest = hashlib.sha256(b"".join(answer.bytes for answer in answers)).hexdigest()
    return f"pay:{call_id}:{reason.value}:{digest[:32]}"


def _facts(*, call_id: int, reason: Accrual.Reason, answers: Sequence[UUID]) -> dict[str, object]:
    facts: dict[str, object] = {"call": call_id, "answers": len(answers)}
    if reason == Accrual.Reason.WITHDRAWN:
        # A correction names what it corrects.
        corrected = Accrual.objects.filter(
            call_id=call_id, reason=Accrual.Reason.COUNTED, answer_id__in=answers
        ).values_list("posted_as", flat=True)
        facts["corrects"] = sorted({str(key) for key in corrected})
    return facts


def _legs(*, call: Call, batch: Sequence[tuple[int, UUID, int, str]]) -> list[Leg]:
    """One leg for each contributor, and against them the call's own for each currency."""
    earned: Counter[tuple[int, str]] = Counter()
    total: Counter[str] = Counter()
    for contributor_id, _answer, amount_minor, currency in batch:
        earned[contributor_id, currency] += amount_minor
        total[currency] += amount_minor
    to_contributors = [
        Leg(
            owner=contributor_owner(call_id=call.pk, contributor_id=contributor_id),
            purpose=Purpose.OWED_TO,
            money=Money(amount_minor, currency),
        )
        for (contributor_id, currency), amount_minor in sorted(earned.items())
    ]
    by_call = [
        leg
        for currency, amount_minor in sorted(total.items())
        for leg in earn_legs(call_id=call.pk, earned=Money(amount_minor, currency))
    ]
    return to_contributors + by_call
