"""The wizard's forms: typed words become a call's fields, wrong ones are told beside them."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils.translation import override

from dure.calls.drafting import fields_of
from dure.doors.desk import forms
from dure.doors.desk.beginnings import all_beginnings
from tests.factories import make_call

TYPED = {
    "languages": ["ko", "en"], "type": ["choice"],
    "title_ko": ["새"], "title_en": ["Birds"], "text_ko": ["새인가요?"], "text_en": ["Bird?"],
    "options_ko": ["네\n아니요"], "options_en": ["Yes\nNo"],
}  # fmt: skip
TERMS = {"care": ["careful"], "visibility": ["sealed"], "promise": ["nothing"]}


def test_two_languages_make_texts_of_both() -> None:
    with override("en"):
        form = forms.read_question(TYPED)

    assert form.advices == {}
    assert form.fields == {
        "title": {"ko": "새", "en": "Birds"},
        "brief": "",
        "language": "en",
        "question": {
            "type": "choice",
            "text": {"ko": "새인가요?", "en": "Bird?"},
            "options": [
                {"value": "Yes", "label": {"ko": "네", "en": "Yes"}},
                {"value": "No", "label": {"ko": "아니요", "en": "No"}},
            ],
            "predict": False,
        },
    }


@pytest.mark.parametrize(
    ("changes", "advised"),
    [
        ({"title_en": [" "]}, ["title_en"]),
        ({"text_ko": [""]}, ["text_ko"]),
        ({"options_en": ["Yes"]}, ["options_en"]),
        ({"options_en": ["Yes\nYes"]}, ["options_en"]),
        ({"options_en": [""], "options_ko": [""]}, ["options_ko"]),
        ({"type": ["number"], "min": ["five"]}, ["min"]),
        ({"type": ["number"], "min": ["5"], "max": ["2"]}, ["max"]),
        ({"type": ["number"], "min": ["1e400"]}, ["min"]),
        ({"type": ["number"], "min": ["nan"]}, ["min"]),
    ],
)
def test_what_is_wrong_is_told_beside_its_field(
    changes: dict[str, Any], advised: list[str]
) -> None:
    assert list(forms.read_question({**TYPED, **changes}).advices) == advised


@pytest.mark.django_db
@pytest.mark.parametrize("begin", all_beginnings(), ids=lambda begin: begin.key)
def test_every_beginning_comes_through_its_own_form_unchanged(begin: Any) -> None:
    fields = begin.fields()
    call = make_call(n_tasks=0, state="draft", **fields)

    with override("en"):
        form = forms.read_question(forms.show_question(call))

    assert form.advices == {}
    assert form.fields["title"] == fields["title"]
    assert form.fields["question"]["text"] == fields["question"]["text"]
    labels = [one["label"] for one in form.fields["question"].get("options", [])]
    assert labels == [one["label"] for one in fields["question"].get("options", [])]


@pytest.mark.parametrize(
    ("care", "rule"),
    [
        ("quick", {"min": 1, "max": 3, "target": 0.9}),
        ("careful", {"min": 3, "max": 5, "target": 0.95}),
        ("thorough", {"min": 5, "max": 9, "target": 0.99}),
    ],
)
def test_care_is_a_rule_for_answers(care: str, rule: dict[str, Any]) -> None:
    assert forms.read_terms({**TERMS, "care": [care]}).fields["answers"] == rule


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [("50", "KRW", 50), ("1,000", "KRW", 1000), ("0.05", "USD", 5), ("2.5", "EUR", 250)],
)
def test_money_is_read_in_whole_minor_units(amount: str, currency: str, minor: int) -> None:
    typed = {**TERMS, "promise": ["per_answer"], "amount": [amount], "currency": [currency]}

    assert forms.read_terms(typed).fields["promise"] == {
        "kind": "per_answer", "amount_minor": minor, "currency": currency
    }  # fmt: skip


@pytest.mark.parametrize(("amount", "currency"), [("", "KRW"), ("-1", "KRW"), ("0.5", "KRW"),
                                                  ("0.005", "USD"), ("x", "USD")])  # fmt: skip
def test_money_that_is_none_is_asked_for_and_never_rounded(amount: str, currency: str) -> None:
    typed = {**TERMS, "promise": ["per_answer"], "amount": [amount], "currency": [currency]}

    assert list(forms.read_terms(typed).advices) == ["amount"]


@pytest.mark.django_db
def test_terms_come_through_their_own_form_unchanged() -> None:
    call = make_call(
        n_tasks=0, state="draft", answers_min=7, answers_max=7, answers_target=None,
        promise={"kind": "per_answer", "amount_minor": 125, "currency": "USD"}, topics=["city"],
    )  # fmt: skip

    fields = forms.read_terms(forms.show_terms(call)).fields

    wanted = fields_of(call)
    for name in ("promise", "topics", "visibility"):
        assert fields[name] == wanted[name]
    assert fields["answers"] == {"min": 7, "max": 7, "target": None}
