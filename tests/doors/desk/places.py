"""A desk with a thing of each sort, every address of it, and what is rightly sent there."""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.urls import URLPattern, URLResolver, reverse
from PIL import Image

from dure.calls.life import close_call
from dure.calls.models import Call, Export, Template
from dure.calls.paying_out import propose_batch, release_batch
from dure.calls.shares.paying_in import pay_in
from dure.calls.tasks.exports import place_of
from dure.calls.tasks.models import Task
from dure.calls.tasks.uploading import Kept, keep_upload
from dure.clock import now
from dure.doors.desk.urls import routes as desk_routes
from dure.doors.phone.urls import routes as phone_routes
from dure.doors.square.urls import routes as square_routes
from dure.ledger.models import LedgerAccount
from dure.ledger.money import Money
from dure.people.inviting import invite, seal_invitation
from dure.people.models import Account, ApiToken, Membership, Organisation, Scope
from tests.calls.earning import earn
from tests.doors.desk import purse
from tests.doors.desk.office import PASSWORD
from tests.factories import make_call, make_organisation

# Steps in the middle of signing in, and pages of second factors that must be there first: allauth
# tests those itself, and they are the same for everybody.
MIDWAY = {
    "account_set_password", "mfa_authenticate", "mfa_reauthenticate", "mfa_deactivate_totp",
    "mfa_view_recovery_codes", "mfa_generate_recovery_codes", "mfa_download_recovery_codes",
    "mfa_reauthenticate_webauthn", "mfa_remove_webauthn", "mfa_edit_webauthn",
    "mfa_login_webauthn",
}  # fmt: skip
# Pages that only a draft has.
OF_DRAFTS = {
    "desk-question", "desk-discard", "desk-clear-tasks", "desk-upload", "desk-mapping",
    "desk-terms", "call-preview",
}  # fmt: skip
# What only a call that is over has: money that nobody needs any more.
OF_CLOSED = {"desk-pay-back"}
ASKED = {"desk-export-now": {"what": "answers", "form": "csv"}}
QUESTION = {
    "languages": "en", "type": "choice", "title_en": "Birds", "text_en": "A bird?",
    "options_en": "yes\nno",
}  # fmt: skip
GIVEN: dict[str, dict[str, Any]] = {
    "desk-account": {"name": "Ann"},
    "desk-new-organisation": {"organisation": "Bakery"},
    "desk-welcome": {"email": "new@example.org", "password": PASSWORD, "name": "New"},
    "desk-invite": {"role": "editor"},
    "desk-role": {"role": "editor"},
    "desk-payouts": {"currency": "KRW"},
    "desk-payout-rules": {"what": "threshold", "amount": "10000", "currency": "KRW"},
    "desk-payout-lead": {"step": "release"},
    "desk-settings": {"name": "Another name", "about": "We look at birds."},
    "desk-tokens": {"scope": "read"},
    "desk-new": {"kind": "images"},
    "desk-life": {"step": "pause"},
    "desk-template": {"name": "Mine"},
    "desk-question": QUESTION,
    "desk-add-tasks": {"lines": "A gull\nA tern"},
    "desk-mapping": {"column-0": "text"},
    "desk-terms": {"care": "careful", "visibility": "after_own", "promise": "nothing"},
    "desk-limit": {"currency": "USD", "amount": "2,500"},
    "desk-pay-in": {"amount": "20.50", "currency": "USD", "note": "Bank", "once": "1"},
    "desk-pay-back": {"amount": "5", "currency": "USD", "note": "", "once": "1"},
    "desk-gain": {
        "amount": "12.50", "currency": "USD", "first": "2026-07-01", "last": "2026-07-31",
        "note": "Sold", "once": "1",
    },
    "desk-correct-gain": {"amount": "900", "note": "A refund", "once": "1"},
    "desk-better-promise": {
        "percent": "30", "currency": "USD", "until": "2199-12-31", "report_months": "3",
    },
    "desk-settle": {"note": "As agreed"},
    "desk-settlement": {"step": "approve"},
    "desk-answer": {"text": "Because half of it waits."},
    "desk-task": {"value": "yes", "reason": "I saw it."},
    "desk-exports": {"what": "answers", "form": "csv"},
    "account_login": {"login": "other@example.org", "password": PASSWORD},
    "account_logout": {},
    "account_reauthenticate": {"password": PASSWORD},
    "account_change_password": {
        "oldpassword": PASSWORD, "password1": "a new long phrase", "password2": "a new long phrase"
    },
    "account_reset_password": {"email": "other@example.org"},
}  # fmt: skip


@dataclass(frozen=True)
class Place:
    """An address by its name, and what is sent when something is to be done there."""

    name: str
    path: str
    asked: dict[str, str]
    given: dict[str, Any] | None


@dataclass(frozen=True)
class Town:
    organisation: Organisation
    draft: Call
    call: Call
    closed: Call
    other: Membership
    named: dict[str, Any]

    def places(self) -> Iterator[Place]:
        """Every address of the desk, the preview of a draft, and the square's."""
        previews = [one for one in phone_routes() if one.name == "call-preview"]
        for route in flat([*desk_routes(), *previews, *square_routes()]):
            name = str(route.name)
            if name in MIDWAY:
                continue
            path = reverse(name, kwargs={key: self._thing(name, key) for key in keys_of(route)})
            # Of allauth's own actions, those that need no second factor.
            acts = not name.startswith(("account_", "mfa_")) or name in GIVEN
            yield Place(name, path, ASKED.get(name, {}), given(name) if acts else None)

    def _thing(self, name: str, key: str) -> Any:
        if key == "call_id":
            closed = self.closed if name in OF_CLOSED else self.call
            return (self.draft if name in OF_DRAFTS else closed).pk
        if key == "slug":
            return self.organisation.slug if name.startswith("organisation") else self.call.slug
        if key == "form":
            forms = {"feed": "atom", "desk-ledger-export": "beancount", "desk-payout-file": "csv"}
            return forms.get(name, "svg")
        if name == "desk-payout-file":
            return self.named["released_id"] if key == "batch_id" else self.named[key]
        return self.named[key]


def make_town(*, state: str = "") -> Town:
    """Of the demo, since only there a crowd may be simulated; with a state, of one call alone."""
    organisation = make_organisation("demo")
    call = make_call(organisation=organisation, state=state or "open", promise=purse.SHARE)
    draft = call if state else make_call(organisation=organisation, state="draft")
    closed = call if state else _make_closed(organisation)
    other = Membership.objects.create(
        organisation=organisation,
        account=Account.objects.create_user("other@example.org", PASSWORD),
        role="reader",
        since=now(),
    )
    things = _things(organisation, draft, call, other) | _money_of(call)
    return Town(organisation, draft, call, closed, other, things)


def given(name: str) -> dict[str, Any]:
    """The right body for an action; files can be read but once, so they are made anew."""
    if name == "desk-media":
        return {"files": [file("gull.png", picture())]}
    if name == "desk-upload":
        return {"files": [file("birds.csv", b"text\nA gull\n")]}
    if name == "desk-payout-books":
        calls = Call.objects.order_by("pk")
        call = calls.exclude(state="draft").last() or calls.last()
        assert call is not None
        return {"step": "fee", "call": call.pk, "amount": "500", "currency": "KRW"}
    return GIVEN.get(name, {})


def _payouts(organisation: Organisation, call: Call) -> dict[str, int]:
    """A batch that was released, one that waits for it, and somebody who can be paid now."""
    made = []
    for number in range(2):
        earn(call, 500, says_how=True)
        made.append(
            propose_batch(
                organisation=organisation, currency="KRW", by="x", request_key=str(number)
            ).pk
        )
    release_batch(organisation=organisation, batch_id=made[0], by="y")
    earn(call, 500, says_how=True)
    return {"released_id": made[0], "batch_id": made[1]}


def file(name: str, content: bytes) -> io.BytesIO:
    made = io.BytesIO(content)
    made.name = name
    return made


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (20, 20), "#0b6e5f").save(out, "PNG")
    return out.getvalue()


def flat(routes: list[Any]) -> Iterator[URLPattern]:
    for route in routes:
        if isinstance(route, URLResolver):
            yield from flat(route.url_patterns)
        else:
            yield route


def keys_of(route: URLPattern) -> list[str]:
    return [*route.pattern.converters, *route.pattern.regex.groupindex]


def _make_closed(organisation: Organisation) -> Call:
    """Paid in ahead, and not needed."""
    call = make_call(organisation=organisation, promise=purse.SHARE)
    pay_in(call=call, money=Money(10_00, "USD"), note="", by="x", request_key="p")
    return close_call(call=call, by="x")


def _money_of(call: Call) -> dict[str, Any]:
    """A gain, a settlement that waits, and a question; of a draft, numbers of none."""
    if call.state == "draft":
        return dict.fromkeys(("gain_id", "number", "inquiry_id"), 1)
    purse.take_part(call, b"someone")
    gain = purse.gain(call)
    return {
        "gain_id": gain.pk,
        "number": purse.propose(call).number,
        "inquiry_id": purse.ask(call).pk,
    }


def _things(
    organisation: Organisation, draft: Call, call: Call, other: Membership
) -> dict[str, Any]:
    """A thing of each sort that an address may name; files are really there."""
    export = Export.objects.create(
        call=call, what="answers", form="csv", token="e", state="done", at=now(), done_at=now()
    )
    place_of(export).parent.mkdir(parents=True, exist_ok=True)
    place_of(export).write_bytes(b"task,answer\n")
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder) / "birds.csv"
        table.write_bytes(b"text\nA gull\nA tern\n")
        upload = keep_upload(call=draft, table=Kept("birds.csv", table), by="x")
    invitation = invite(organisation=organisation, role="reader", by="x")
    return {
        **_payouts(organisation, call),
        "org": organisation.slug,
        "task_id": Task.objects.filter(call=call).earliest("id").id,
        "membership_id": other.pk,
        "invitation_id": invitation.pk,
        "token": seal_invitation(invitation),
        "token_id": ApiToken.objects.create(
            organisation=organisation, hash=os.urandom(32), scope=Scope.READ, created_at=now()
        ).pk,
        "template_id": Template.objects.create(
            organisation=organisation, name="t", fields={}, at=now(), by="x"
        ).pk,
        "upload_id": upload.pk,
        "export_id": export.pk,
        "uidb36": user_pk_to_url_str(other.account),
        "account_id": LedgerAccount.objects.create(
            owner=f"call:{call.pk}", purpose="held", currency="KRW"
        ).pk,
        "key": default_token_generator.make_token(other.account),
    }
