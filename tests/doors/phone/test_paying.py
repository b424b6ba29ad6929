"""Where should we send your money: told, shown with its end alone, erased; by strangers never."""

from __future__ import annotations

import pytest
from django.test import Client

from dure.calls.models import Call
from dure.calls.tasks.merging import find_person
from dure.people.models import Account, Payee, Person
from dure.people.payees import find_payee
from tests.doors.phone.test_keeping import browser_of, helper, text_of
from tests.factories import make_call

pytestmark = pytest.mark.django_db
KOREAN = {"kind": "kr_bank", "bank": "090", "account": "3333-01-2345678", "holder": "김두레",
          "country": "KR"}  # fmt: skip
IBAN = {"kind": "iban", "bank": "", "account": "DE89 3704 0044 0532 0130 00", "holder": "Ada",
        "country": "DE"}  # fmt: skip
OTHER = {"kind": "other", "lines": "M-Pesa\n+254 700 000000", "holder": "Bo", "country": "KE"}


def address(call: Call) -> str:
    return f"/c/{call.slug}/keep/pay"


def test_page_asks_and_says_where_money_is_safest() -> None:
    call = make_call()
    client, key = helper(call)

    page = text_of(client.get(address(call)))
    keep = client.get(f"/c/{call.slug}/keep").content.decode()
    person = find_person(key)
    Person.objects.filter(pk=person.pk).update(account=Account.objects.create_user("a@b.org"))
    kept = text_of(client.get(address(call)))

    assert "Where should we send your money?" in page
    assert ("It is safest under an account." in page, "safest" in kept) == (True, False)
    assert f'href="{address(call)}"' in keep


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        (KOREAN, "김두레 KakaoBank ··· 5678"),
        (IBAN, "Ada IBAN ··· 3000"),
        (OTHER, "Bo M-Pesa +254 700 000000"),
    ],
)
def test_what_was_said_is_shown_with_its_end_alone(given: dict[str, str], shown: str) -> None:
    call = make_call()
    client, _ = helper(call)

    for _ in range(2):
        reply = client.post(address(call), given)
    page = client.get(address(call))

    assert (reply.status_code, reply.headers["Location"]) == (302, address(call))
    assert shown in text_of(page)
    assert "333301" not in page.content.decode()
    assert page.headers["Cache-Control"].startswith("max-age=0")


def test_slip_is_told_in_its_own_form_with_what_was_typed() -> None:
    call = make_call()
    client, _ = helper(call)

    reply = client.post(address(call), {**IBAN, "account": "DE89 3704 0044 0532 0130 01"})

    page = reply.content.decode()
    assert reply.status_code == 422
    assert "There is a slip in this IBAN; please compare it letter by letter." in text_of(reply)
    assert 'value="DE89 3704 0044 0532 0130 01"' in page
    assert page.count('<details class="way" open>') == 1
    assert not Payee.objects.exists()


def test_erased_is_gone_and_erasing_nothing_is_no_harm() -> None:
    call = make_call()
    client, _ = helper(call)
    client.post(address(call), KOREAN)

    for _ in range(2):
        assert client.post(address(call), {"erase": "1"}).status_code == 302

    assert not Payee.objects.exists()
    assert "Your money goes to" not in text_of(client.get(address(call)))


def test_korean_reader_finds_korean_banks_open() -> None:
    call = make_call()
    client, _ = helper(call)

    page = client.get(address(call), headers={"accept-language": "ko"}).content.decode()

    assert "카카오뱅크" in page
    assert '<option value="KR" selected>대한민국</option>' in page
    assert page.count('<details class="way" open>') == 1


def test_nobody_says_it_for_somebody_else() -> None:
    call, elsewhere = make_call(), make_call()
    _, key = helper(call)
    client, _ = helper(elsewhere)
    browser_of(key).post(address(call), KOREAN)

    for stranger in (Client(), client, browser_of("dure_p_guess")):
        for reply in (stranger.get(address(call)), stranger.post(address(call), IBAN)):
            assert (reply.status_code, reply.headers["Location"]) == (302, f"/c/{call.slug}/")

    found = find_payee(person_id=find_person(key).pk)
    assert found is not None
    assert found.holder == "김두레"
    checked = browser_of(key, enforce_csrf_checks=True)
    assert checked.post(address(call), IBAN).status_code == 403
