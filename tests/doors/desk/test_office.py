"""The office: members, keys, media, history."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from PIL import Image
from procrastinate.contrib.django.models import ProcrastinateJob

from dure.calls.creating import change_draft
from dure.calls.models import Media
from dure.clock import now
from dure.people import audit
from dure.people.models import Account, ApiToken, AuditEntry, Invitation, Membership, Scope
from dure.people.organisations import change_organisation
from dure.people.tokens import read_token
from tests.doors.desk.office import PASSWORD, Office, make_office
from tests.factories import make_call

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> Office:
    return make_office()


def address(office: Office, name: str, **more: Any) -> str:
    return reverse(name, kwargs={"org": office.organisation.slug, **more})


def test_link_of_an_invitation_is_shown_once_and_lets_somebody_in(office: Office) -> None:
    owner = office.client("owner")

    page = owner.post(address(office, "desk-invite"), {"role": "editor"}).content.decode()
    (link,) = re.findall(r'value="http://testserver(/desk/welcome/[^"]+)"', page)
    newcomer = Client()
    assert newcomer.get(link).status_code == 200
    given = {"email": "Bo@example.org", "password": PASSWORD, "name": "Bo"}
    joined = newcomer.post(link, given)

    assert joined.headers["Location"] == address(office, "desk-calls")
    member = Membership.objects.get(account__email="bo@example.org")
    assert (member.role, member.account.proved_at) == ("editor", None)
    assert link not in owner.get(address(office, "desk-members")).content.decode()
    assert newcomer.get(link).status_code == 404


def test_invitation_is_mailed_where_there_is_a_mail_server(office: Office, settings: Any) -> None:
    settings.EMAIL_HOST = "mail.example.org"
    owner = office.client("owner")
    where = address(office, "desk-invite")

    sent = owner.post(where, {"role": "reader", "email": "Bo@example.org"})
    refused = owner.post(where, {"role": "reader", "email": "nowhere"})

    assert (sent.status_code, refused.status_code) == (302, 422)
    (job,) = ProcrastinateJob.objects.filter(task_name="mail_invitation")
    assert Invitation.objects.get(pk=job.args["invitation_id"]).email == "bo@example.org"
    assert "/desk/welcome/" not in sent.content.decode() + str(job.args)


@pytest.mark.parametrize("fault", ["email", "password"])
def test_bad_sign_up_is_told_beside_its_field_and_uses_nothing_up(
    office: Office, fault: str
) -> None:
    page = office.client("owner").post(address(office, "desk-invite"), {"role": "reader"})
    (link,) = re.findall(r'value="http://testserver(/desk/welcome/[^"]+)"', page.content.decode())
    given = {"email": "bo@example.org", "password": PASSWORD, fault: "short"}

    refused = Client().post(link, given)

    assert refused.status_code == 422
    assert f'id="about-{fault}" role="alert"' in refused.content.decode()
    assert not Account.objects.filter(email="bo@example.org").exists()
    assert Client().post(link, {**given, "email": "bo@example.org", "password": PASSWORD}
                         ).status_code == 302  # fmt: skip


@pytest.mark.parametrize("has_password", [True, False])
def test_passed_on_link_never_takes_over_an_account(office: Office, has_password: bool) -> None:
    Account.objects.create_user("bo@example.org", PASSWORD if has_password else None)
    page = office.client("owner").post(address(office, "desk-invite"), {"role": "reader"})
    (link,) = re.findall(r'value="http://testserver(/desk/welcome/[^"]+)"', page.content.decode())

    refused = Client().post(link, {"email": "bo@example.org", "password": "another long phrase"})

    assert refused.status_code == 422
    assert "There is an account with this address" in refused.content.decode()
    assert not Account.objects.get(email="bo@example.org").check_password("another long phrase")


def test_key_is_shown_once_and_ends_when_it_is_revoked(office: Office) -> None:
    owner = office.client("owner")

    page = owner.post(address(office, "desk-tokens"), {"scope": "read"}).content.decode()
    (raw,) = re.findall(r'value="(dure_o_[^"]+)"', page)
    token = read_token(raw)
    assert (token.organisation, token.scope) == (office.organisation, "read")
    assert raw not in owner.get(address(office, "desk-tokens")).content.decode()
    owner.post(address(office, "desk-token-revoke", token_id=token.pk))

    token.refresh_from_db()
    assert token.revoked_at is not None


def test_another_organisations_key_is_not_revoked(office: Office) -> None:
    foreign = make_foreign_token()

    reply = office.client("owner").post(address(office, "desk-token-revoke", token_id=foreign.pk))

    foreign.refresh_from_db()
    assert (reply.status_code, foreign.revoked_at) == (404, None)


def make_foreign_token() -> ApiToken:
    from tests.factories import make_organisation  # noqa: PLC0415  beside its use

    return ApiToken.objects.create(
        organisation=make_organisation(), hash=b"x", scope=Scope.READ, created_at=now()
    )


def test_media_are_uploaded_and_what_is_none_is_refused_by_name(office: Office) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (20, 20), "#0b6e5f").save(picture, "PNG")
    files = [named("gull.png", picture.getvalue()), named("note.txt", b"hello")]

    page = office.client("editor").post(address(office, "desk-media"), {"files": files})

    shown = page.content.decode()
    assert Media.objects.get().name == "gull.png"
    assert "1 file added." in shown
    assert "<strong>note.txt</strong>" in shown


def named(name: str, content: bytes) -> io.BytesIO:
    file = io.BytesIO(content)
    file.name = name
    return file


def test_settings_are_saved_and_a_nameless_organisation_is_refused(office: Office) -> None:
    owner = office.client("owner")
    where = address(office, "desk-settings")

    assert owner.post(where, {"name": "두레 빵집", "about": "We bake."}).status_code == 302
    assert owner.post(where, {"name": " ", "about": ""}).status_code == 422

    office.organisation.refresh_from_db()
    assert (office.organisation.name, office.organisation.about) == ("두레 빵집", "We bake.")


def test_history_names_who_did_what_and_pages_without_a_gap(office: Office) -> None:
    owner = office.client("owner")
    account = Account.objects.get(email="owner@example.org")
    for number in range(53):
        audit.record(organisation=office.organisation, by=f"account:{account.pk}",
                     action=f"deed {number}", thing="call:1")  # fmt: skip

    first = owner.get(address(office, "desk-audit")).content.decode()
    (before,) = re.findall(r'href="\?before=(\d+)"', first)
    second = owner.get(address(office, "desk-audit"), {"before": before}).content.decode()

    deeds = re.findall(r"deed (\d+)", first) + re.findall(r"deed (\d+)", second)
    assert deeds == [str(number) for number in range(52, -1, -1)]
    assert "owner@example.org" in first


def test_history_is_found_by_what_it_shows(office: Office) -> None:
    owner = office.client("owner")
    by = f"account:{Account.objects.get(email='owner@example.org').pk}"
    change_organisation(organisation=office.organisation, name="Harbour", about="We", by=by)
    change_draft(call=make_call(organisation=office.organisation, state="draft"), by="token:7",
                 title={"ko": "갈매기", "en": 'A "gull"'})  # fmt: skip

    def find(words: str, language: str = "en") -> list[str]:
        page = owner.get(address(office, "desk-audit"), {"words": words},
                         headers={"accept-language": language}).content.decode()  # fmt: skip
        return [re.sub(r"<[^>]+>", "|", row).split("|", 2)[2] for row in
                re.findall(r"<tr>(<td>.*?)</tr>", page)]  # fmt: skip

    assert len(find("")) == 2
    rows_of = {"changed": 2, "settings": 1, "owner@": 1, "gull": 1, 'A "gull"': 1, "call:": 0}
    assert {words: len(find(words)) for words in rows_of} == rows_of
    assert len(find("초안을 고쳤어요", "ko")) == len(find("갈매기", "ko")) == 1
    page = owner.get(address(office, "desk-audit")).content.decode()
    assert "Harbour</td>" in page
    assert "A &quot;gull&quot;</a>" in page
    assert "API key 7" in page
    assert "What changed: title" in page


def test_taking_results_home_at_once_is_in_the_history(office: Office) -> None:
    reader = office.client("reader")
    where = reverse("desk-export-now", args=["harbour", office.call.pk])

    assert reader.get(where, {"what": "answers", "form": "csv"}).status_code == 200
    assert reader.head(where, {"what": "answers", "form": "csv"}).status_code == 200
    assert reader.get(where, {"what": "answers", "form": "exe"}).status_code == 422

    written = AuditEntry.objects.values_list("action", "thing", "facts")
    assert list(written) == [
        ("export", f"call:{office.call.pk}", {"what": "answers", "form": "csv"})
    ]
