from __future__ import annotations

import pytest

from dure.calls.queries import NoSuchCall, calls_of, find_call
from tests.factories import make_call, make_organisation


def test_an_organisation_finds_its_own_calls_only(db: None) -> None:
    mine, other, theirs = make_call(), make_organisation(), make_call()

    assert find_call(organisation=mine.organisation, call_id=mine.pk) == mine
    assert list(calls_of(mine.organisation)) == [mine]
    for organisation, call_id in ((mine.organisation, theirs.pk), (other, mine.pk)):
        with pytest.raises(NoSuchCall):
            find_call(organisation=organisation, call_id=call_id)


@pytest.mark.parametrize("call_id", [0, -1, 2**63, 10**30])
def test_a_number_that_no_call_can_have_is_unknown(db: None, call_id: int) -> None:
    with pytest.raises(NoSuchCall):
        find_call(organisation=make_organisation(), call_id=call_id)
