from __future__ import annotations

import pytest

from dure.calls.shares import inquiries
from dure.calls.shares.inquiries import (
    NoSuchInquiry,
    TooManyInquiries,
    ask_why,
    count_unanswered,
    erase_inquiry,
    inquiries_by,
    inquiries_of,
    reply_to,
)
from dure.errors import Invalid
from tests.factories import make_call

pytestmark = pytest.mark.django_db


def test_a_question_and_its_answers_are_kept_and_those_that_wait_come_first() -> None:
    call = make_call()
    first = ask_why(call=call, contributor_id=7, text=" Why so little? ", request_key="a")
    again = ask_why(call=call, contributor_id=7, text="Why so little?", request_key="a")
    other = ask_why(call=call, contributor_id=8, text="And I?", request_key="a")

    for _ in range(2):
        reply = reply_to(call=call, inquiry_id=first.pk, text="Look here.", by="account:1")

    assert first.pk == again.pk
    assert [one.pk for one in inquiries_of(call)] == [other.pk, first.pk]
    [mine] = inquiries_by(call_id=call.pk, contributor_ids=[7])
    assert mine.text == "Why so little?"
    assert list(mine.replies.all()) == [reply]


def test_ones_own_words_can_be_erased_and_only_ones_own() -> None:
    call = make_call()
    mine = ask_why(call=call, contributor_id=7, text="Why?", request_key="a")

    erase_inquiry(call_id=call.pk, contributor_ids=[8], inquiry_id=mine.pk)
    mine.refresh_from_db()
    assert mine.text == "Why?"
    erase_inquiry(call_id=call.pk, contributor_ids=[7], inquiry_id=mine.pk)

    mine.refresh_from_db()
    assert mine.text is None


def test_questions_are_bounded_and_belong_to_their_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inquiries, "INQUIRIES_MAX", 1)
    call = make_call()
    asked = ask_why(call=call, contributor_id=7, text="Why?", request_key="a")

    with pytest.raises(TooManyInquiries):
        ask_why(call=call, contributor_id=7, text="Why?", request_key="b")
    with pytest.raises(NoSuchInquiry):
        reply_to(call=make_call(), inquiry_id=asked.pk, text="So.", by="account:1")
    with pytest.raises(Invalid):
        reply_to(call=call, inquiry_id=asked.pk, text="So.", by="account:1", settlement_number=3)
    for words in ("", "x" * 1001, "\u202eolleh"):
        with pytest.raises(Invalid):
            ask_why(call=call, contributor_id=9, text=words, request_key="c")


def test_questions_are_counted_until_they_have_an_answer_or_are_erased() -> None:
    call, other = make_call(), make_call()
    asked = [ask_why(call=call, contributor_id=7, text="Why?", request_key=key) for key in "abc"]
    reply_to(call=call, inquiry_id=asked[0].pk, text="So.", by="account:1")
    erase_inquiry(call_id=call.pk, contributor_ids=[7], inquiry_id=asked[1].pk)

    assert count_unanswered([call.pk, other.pk]) == {call.pk: 1}
