"""Whose accounts in the ledger are an organisation's, which knows neither calls nor people."""

from __future__ import annotations

from dure.calls.models import Call
from dure.calls.shares.moving import call_owner, organisation_owner, pot_owner
from dure.ledger.queries import Owners
from dure.people.models import Organisation


def owners_of(organisation: Organisation) -> Owners:
    """Its own, those of all its calls, their pots and contributors, and what it withheld."""
    calls = list(Call.objects.filter(organisation=organisation).values_list("pk", flat=True))
    return Owners(
        names=frozenset(
            [
                organisation_owner(organisation_id=organisation.pk),
                *map(call_owner, calls),
                *map(pot_owner, calls),
            ]
        ),
        beginnings=frozenset(
            [f"withheld:{organisation.pk}:", *(f"contributor:{pk}:" for pk in calls)]
        ),
    )
