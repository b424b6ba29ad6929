from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from dure.calls.life import close_call
from dure.calls.shares.gains import Period, record_gain
from dure.calls.shares.overdue import Overdue, overdue_of
from dure.calls.shares.statements import sums_of
from dure.calls.tasks.models import Tally
from dure.ledger.money import Money
from tests.calls.test_settling import POOL, SHARE
from tests.factories import make_call

pytestmark = pytest.mark.django_db
QUERIES = 5


@pytest.mark.parametrize("n", [1, 3])
def test_many_calls_are_asked_about_at_once(n: int, django_assert_num_queries: Any) -> None:
    sharing = [make_call(promise=SHARE) for _ in range(n)]
    pooling = [make_call(promise=POOL) for _ in range(n)]
    quiet = make_call(promise={"kind": "nothing"})
    today = timezone.now().date()
    unanswered = make_call(promise=POOL)
    for call in pooling:
        Tally.objects.create(call_id=call.pk, slot=1, counted=1)
    for call in [*pooling, unanswered]:
        close_call(call=call, by="account:1")
        call.refresh_from_db()
    later = today + timedelta(days=140)

    with django_assert_num_queries(QUERIES):
        late = overdue_of([*sharing, *pooling, unanswered, quiet], today=later)

    assert late.keys() == {call.pk for call in [*sharing, *pooling]}
    for call in [*sharing, *pooling]:
        sums = sums_of(call, today=later)
        assert sums is not None
        assert late[call.pk] == Overdue(sums.overdue_reports, sums.is_settlement_overdue)
    assert overdue_of([*sharing, *pooling], today=today) == {}
    with django_assert_num_queries(0):
        assert overdue_of([quiet], today=later) == {}


def test_a_report_that_came_is_overdue_no_more() -> None:
    call = make_call(promise=SHARE)
    today = timezone.now().date()
    later = today + timedelta(days=140)
    assert overdue_of([call], today=later).keys() == {call.pk}
    period = Period(date(2026, 1, 1), today)

    record_gain(call=call, money=Money(0, "KRW"), period=period, note="", by="account:1",
                request_key="a")  # fmt: skip

    # It reaches up to today, and the first report up to a later day.
    assert [one.up_to > today for one in overdue_of([call], today=later)[call.pk].overdue_reports]
