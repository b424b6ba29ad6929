"""People at a desk: an organisation with a member of each role, a stranger, and a call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.test import Client

from dure.calls.models import Call
from dure.clock import now
from dure.people.models import Account, Membership, Organisation, Role
from tests.factories import make_call, make_organisation

PASSWORD = "a quiet green harbour"
WHO = ("nobody", "stranger", *Role.values)


@dataclass(frozen=True)
class Office:
    organisation: Organisation
    call: Call

    def client(self, who: str) -> Client:
        """A browser of a member in this role, of a stranger with an account, or of nobody."""
        client = Client()
        if who == "nobody":
            return client
        account = Account.objects.create_user(f"{who}@example.org", PASSWORD)
        if who != "stranger":
            Membership.objects.create(
                organisation=self.organisation, account=account, role=who, since=now()
            )
        client.force_login(account)
        return client


def make_office(**fields: Any) -> Office:
    organisation = make_organisation("harbour")
    return Office(organisation, make_call(organisation=organisation, **fields))
