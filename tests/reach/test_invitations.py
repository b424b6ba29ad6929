"""An invitation is mailed with a link that works, once, in the inviter's language."""

from __future__ import annotations

import re
from typing import Any

import pytest

from dure.people.inviting import find_invitation, invite, revoke_invitation
from dure.reach import invitations
from tests.factories import make_organisation

pytestmark = pytest.mark.django_db


def test_mail_holds_the_link_and_the_second_mails_link_is_the_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sent: list[dict[str, Any]] = []
    monkeypatch.setattr(invitations, "send_mail", lambda **mail: sent.append(mail))
    organisation = make_organisation("bakery")
    made = invite(organisation=organisation, role="editor", by="x", email="Bo@example.org")

    for language in ("ko", "en"):
        invitations.mail_invitation(
            invitation_id=made.pk, language=language, address="https://dure.example.org"
        )

    assert [mail["to"] for mail in sent] == ["bo@example.org"] * 2
    assert [mail["subject"] for mail in sent] == ["두레에서 Bakery 함께하기", "Join Bakery on Dure"]
    links = [re.findall(r"https://dure.example.org/desk/welcome/(\S+)", m["body"]) for m in sent]
    assert find_invitation(links[1][0]) == made
    revoke_invitation(organisation=organisation, invitation_id=made.pk, by="x")
    invitations.mail_invitation(invitation_id=made.pk, language="en", address="https://x")
    assert len(sent) == 2
