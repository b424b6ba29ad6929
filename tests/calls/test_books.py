from __future__ import annotations

import pytest

from dure.calls.books import owners_of
from tests.factories import make_call, make_organisation


@pytest.mark.django_db
def test_owners_of_an_organisation_are_those_of_all_its_calls_and_no_others() -> None:
    ours, theirs = make_organisation(), make_organisation()
    calls = [make_call(organisation=ours, state=state) for state in ("draft", "open", "closed")]
    foreign = make_call(organisation=theirs)

    owners = owners_of(ours)

    assert all(owners.has(f"call:{call.pk}") for call in calls)
    assert all(owners.has(f"pot:{call.pk}") for call in calls)
    assert all(owners.has(f"contributor:{call.pk}:7") for call in calls)
    assert owners.has(f"organisation:{ours.pk}")
    assert owners.has(f"withheld:{ours.pk}:tax office")
    assert not owners.has(f"call:{foreign.pk}")
    assert not owners.has(f"pot:{foreign.pk}")
    assert not owners.has(f"contributor:{foreign.pk}:7")
    assert not owners.has(f"organisation:{theirs.pk}")
    assert not owners.has(f"withheld:{theirs.pk}:tax office")
