from __future__ import annotations

import hashlib

import pytest

from dure.errors import Invalid
from dure.people.models import ApiToken, AuditEntry
from dure.people.tokens import BadToken, create_token, read_token, revoke_token
from tests.factories import make_organisation


def test_only_the_hash_of_a_token_is_stored(db: None) -> None:
    raw = create_token(organisation=make_organisation(), scope="read")

    assert (raw[:7], len(raw)) == ("dure_o_", 50)
    assert bytes(ApiToken.objects.get().hash) == hashlib.sha256(raw.encode()).digest()


def test_a_token_is_read_back_with_its_organisation_and_scope(db: None) -> None:
    organisation = make_organisation()

    token = read_token(create_token(organisation=organisation, scope="organise"))

    assert (token.organisation, token.scope) == (organisation, "organise")


@pytest.mark.parametrize("raw", ["", "dure_o_" + "x" * 43, "dure_o_" + "x" * 5000, "\ud800"])
def test_an_unknown_token_is_refused(db: None, raw: str) -> None:
    with pytest.raises(BadToken) as refused:
        read_token(raw)

    assert refused.value.sentence == (
        "This token is unknown or was revoked; make a new one with `dure token create`."
    )


def test_a_revoked_token_opens_nothing_and_is_revoked_once(db: None) -> None:
    raw = create_token(organisation=make_organisation(), scope="read")
    token = read_token(raw)

    revoke_token(token=token, by="account:1")
    revoke_token(token=token, by="account:1")

    with pytest.raises(BadToken):
        read_token(raw)
    assert [entry.action for entry in AuditEntry.objects.order_by("id")] == [
        "create token",
        "revoke token",
    ]


def test_an_unknown_scope_is_refused(db: None) -> None:
    with pytest.raises(Invalid) as refused:
        create_token(organisation=make_organisation(), scope="all")

    assert refused.value.sentence == "A token's scope is 'organise' or 'read'; got 'all'."
