"""How people are paid: what is taken, what is refused with which sentence, merges, erasure."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from dure.clock import now
from dure.errors import Invalid
from dure.people.banks import name_bank
from dure.people.models import Payee, Person, PersonMerge
from dure.people.payees import check_payee, drop_payee, find_payee, payees_of, set_payee

KOREAN = {
    "kind": "kr_bank", "holder": "김두레", "country": "KR", "bank": "004",
    "account": "123-456 7890123",
}  # fmt: skip
GERMAN = {
    "kind": "iban", "holder": "Ada  Weber", "country": "DE", "bank": "cobadeffxxx",
    "account": "de89 3704 0044 0532 0130 00",
}  # fmt: skip
OTHER = {"kind": "other", "holder": "Bo", "country": "KE", "lines": "M-Pesa\n\n +254 700 000000 "}


def make_person() -> Person:
    return Person.objects.create()


def merge(person: Person, *, into: Person) -> None:
    PersonMerge.objects.create(person=person, into=into)


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        (KOREAN, {"bank": "004", "account": "1234567890123", "lines": "", "holder": "김두레"}),
        (GERMAN, {"bank": "COBADEFFXXX", "account": "DE89370400440532013000", "lines": "",
                  "holder": "Ada Weber"}),
        ({**GERMAN, "bank": ""}, {"bank": "", "account": "DE89370400440532013000", "lines": "",
                                  "holder": "Ada Weber"}),
        (OTHER, {"bank": "", "account": "", "lines": "M-Pesa\n+254 700 000000", "holder": "Bo"}),
    ],
)  # fmt: skip
def test_details_are_stored_as_banks_read_them(
    given: dict[str, str], stored: dict[str, str]
) -> None:
    kept = {"kind": given["kind"], "country": given["country"]}

    assert check_payee(**given) == {**kept, **stored}


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({**KOREAN, "holder": " "},
         "Please write the name of the account's holder, in 1 to 70 letters."),
        ({**KOREAN, "holder": "a\N{RIGHT-TO-LEFT OVERRIDE}b"},
         "Please write the name of the account's holder, in 1 to 70 letters."),
        ({**KOREAN, "country": "ZZ"}, "Please choose the country you live in."),
        ({**KOREAN, "kind": "cash"}, "Please choose how we should pay you."),
        ({**KOREAN, "bank": "999"}, "Please choose your bank."),
        ({**KOREAN, "account": "12-34"}, "Please write the account number in 8 to 16 digits."),
        ({**KOREAN, "account": "١٢٣٤٥٦٧٨"}, "Please write the account number in 8 to 16 digits."),
        ({**GERMAN, "account": "89370400440532013000"},
         "Please write the whole IBAN; it begins with two letters of its country."),
        ({**GERMAN, "account": "DE8937040044053201300"},
         "An IBAN of DE has 22 letters and digits; this one has 21."),
        ({**GERMAN, "account": "DE89370400440532013001"},
         "There is a slip in this IBAN; please compare it letter by letter."),
        ({**GERMAN, "bank": "COBA"},
         "A BIC has 8 or 11 letters and digits; or leave it empty."),
        ({**OTHER, "lines": " \n"},
         "Please write where to send the money in 1 to 4 lines of at most 100 letters."),
        ({**OTHER, "lines": "1\n2\n3\n4\n5"},
         "Please write where to send the money in 1 to 4 lines of at most 100 letters."),
    ],
)  # fmt: skip
def test_each_slip_has_its_sentence(given: dict[str, str], sentence: str) -> None:
    with pytest.raises(Invalid) as refusal:
        check_payee(**given)

    assert refusal.value.sentence == sentence


def test_banks_have_a_name_in_both_languages() -> None:
    assert name_bank("088", language="ko") == "신한은행"
    assert name_bank("088", language="en") == "Shinhan Bank"
    assert name_bank("999", language="ko") == "999"


@pytest.mark.django_db
def test_details_are_replaced_and_erased() -> None:
    person = make_person()
    assert find_payee(person_id=person.pk) is None

    set_payee(person_id=person.pk, **KOREAN)
    set_payee(person_id=person.pk, **GERMAN)

    found = find_payee(person_id=person.pk)
    assert found is not None
    assert found.account == "DE89370400440532013000"
    assert str(found) == f"payee of person {person.pk}"
    drop_payee(person_id=person.pk)
    drop_payee(person_id=person.pk)
    assert not Payee.objects.exists()


@pytest.mark.django_db
def test_after_a_merge_the_roots_own_word_counts_and_else_the_newest() -> None:
    root, old, new, alone = (make_person() for _ in range(4))
    set_payee(person_id=old.pk, **OTHER)
    set_payee(person_id=new.pk, **KOREAN)
    merge(old, into=root)
    merge(new, into=old)

    assert payees_of([root.pk, alone.pk])[root.pk].pk == new.pk
    # Asked for by a key that was merged, it is the same person.
    assert find_payee(person_id=old.pk) == find_payee(person_id=root.pk)
    set_payee(person_id=new.pk, **GERMAN)

    assert list(Payee.objects.values_list("person_id", flat=True)) == [root.pk]
    drop_payee(person_id=old.pk)
    assert not Payee.objects.exists()


@pytest.mark.django_db
def test_payees_of_many_take_two_queries(django_assert_num_queries: Any) -> None:
    people = [make_person() for _ in range(20)]
    for person in people:
        set_payee(person_id=person.pk, **KOREAN)

    with django_assert_num_queries(2):
        assert len(payees_of(person.pk for person in people)) == 20


@pytest.mark.django_db
def test_database_refuses_details_that_lead_nowhere() -> None:
    person = make_person()

    with pytest.raises(IntegrityError, match="payee_has_an_account_or_lines"), transaction.atomic():
        Payee.objects.create(person=person, kind="iban", holder="x", country="DE", at=now())
