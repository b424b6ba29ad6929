from __future__ import annotations

from datetime import timedelta

import pytest

from dure.calls.life import close_call
from dure.calls.shares.overdue import overdue_of
from dure.calls.shares.settlements import approve_settlement
from dure.calls.shares.statements import sums_of
from dure.clock import now
from tests.doors.desk import purse
from tests.factories import make_call, make_organisation

pytestmark = pytest.mark.django_db


def test_what_is_late_is_what_the_public_reads_of_each_call() -> None:
    organisation = make_organisation()
    share = make_call(organisation=organisation, promise=purse.SHARE)
    pool = make_call(organisation=organisation, promise=purse.POOL)
    make_call(organisation=organisation, promise={"kind": "nothing"})
    make_call(organisation=organisation, promise=purse.POOL)
    make_call(promise=purse.SHARE)
    purse.take_part(pool, b"a")
    close_call(call=pool, by="x")
    pool.refresh_from_db()
    later = now().date() + timedelta(days=130)

    found = overdue_of(organisation, today=later)

    assert [(one.call, len(one.reports), one.is_settlement_overdue) for one in found] == [
        (pool, 0, True), (share, 1, False)
    ]  # fmt: skip
    for one in found:
        sums = sums_of(one.call, today=later)
        assert sums is not None
        assert sums.overdue_reports == one.reports
        assert sums.is_settlement_overdue == one.is_settlement_overdue
    approve_settlement(settlement=purse.propose(pool), by="y")
    assert [one.call for one in overdue_of(organisation, today=later)] == [share]
    assert overdue_of(organisation, today=now().date()) == []
