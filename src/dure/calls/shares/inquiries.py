"""A contributor asks why they got what they got; the question and every answer are kept."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, QuerySet

from dure import outbox
from dure.calls.models import Call
from dure.calls.queries import hold_call
from dure.calls.shares.models import Inquiry, Reply, Settlement
from dure.calls.texts import UNFIT
from dure.clock import now
from dure.errors import Invalid, Refusal, Unknown
from dure.people import audit

TEXT_LETTERS_MAX = 1000
KEY_LETTERS_MAX = 200
# Of one contributor in one call; more would be a chat.
INQUIRIES_MAX = 20


class NoSuchInquiry(Unknown):
    """There is no such question here; look at the list again."""

    code = "unknown-inquiry"


class TooManyInquiries(Refusal):
    """Twenty questions about one call are the most; please wait for the answers."""

    code = "too-many-inquiries"
    status = 429


def ask_why(*, call: Call, contributor_id: int, text: str, request_key: str) -> Inquiry:
    """The same request sent again is the same question."""
    words = _read_words(text)
    if not 0 < len(request_key) <= KEY_LETTERS_MAX or UNFIT.search(request_key):
        raise Invalid("A request needs a key of 1 to {most} letters.", most=KEY_LETTERS_MAX)
    with transaction.atomic():
        # One at a time, or two clicks would both find room for the last question.
        held = hold_call(call.pk)
        own = Inquiry.objects.filter(call=held, contributor_id=contributor_id)
        earlier = own.filter(request_key=request_key).first()
        if earlier is not None:
            return earlier
        if own.count() >= INQUIRIES_MAX:
            raise TooManyInquiries
        made = Inquiry.objects.create(
            call=held,
            contributor_id=contributor_id,
            request_key=request_key,
            text=words,
            at=now(),
        )
        outbox.write(topic="call.inquiry", key=str(held.pk), slug=held.slug, inquiry=made.pk)
    return made


def reply_to(
    *, call: Call, inquiry_id: int, text: str, by: str, settlement_number: int | None = None
) -> Reply:
    """Answer a question, perhaps with the settlement that mends what was wrong."""
    words = _read_words(text)
    with transaction.atomic():
        held = hold_call(call.pk)
        inquiry = Inquiry.objects.filter(call=held, pk=inquiry_id).first()
        if inquiry is None:
            raise NoSuchInquiry
        settlement = None
        if settlement_number is not None:
            settlement = Settlement.objects.filter(call=held, number=settlement_number).first()
            if settlement is None:
                raise Invalid("There is no settlement {number} of this call.",
                              number=settlement_number)  # fmt: skip
        last = inquiry.replies.order_by("-pk").first()
        if last is not None and (last.text, last.by, last.settlement) == (words, by, settlement):
            return last
        made = Reply.objects.create(
            inquiry=inquiry, text=words, settlement=settlement, at=now(), by=by
        )
        audit.record(
            organisation=held.organisation,
            by=by,
            action="answer inquiry",
            thing=f"call:{held.pk}",
            number=settlement_number,
        )
    return made


def inquiries_of(call: Call) -> QuerySet[Inquiry]:
    """Those that wait for an answer first, the oldest of them on top."""
    answered = Exists(Reply.objects.filter(inquiry=OuterRef("pk")))
    found = Inquiry.objects.filter(call=call).annotate(is_answered=answered)
    return found.prefetch_related("replies__settlement").order_by("is_answered", "pk")


def count_unanswered(call_ids: Iterable[int]) -> dict[int, int]:
    """By call, how many questions wait for a first answer; those with none are not in it."""
    replies = Reply.objects.filter(inquiry=OuterRef("pk"))
    waiting = Inquiry.objects.filter(~Exists(replies), call_id__in=call_ids, erased_at=None)
    return dict(waiting.values_list("call_id").annotate(n=Count("pk")))


def inquiries_by(*, contributor_ids: list[int], call_id: int | None = None) -> QuerySet[Inquiry]:
    """A contributor's own questions with their answers, the newest first; of a call, or of all."""
    found = Inquiry.objects.filter(contributor_id__in=contributor_ids)
    if call_id is not None:
        found = found.filter(call_id=call_id)
    return found.prefetch_related("replies__settlement").order_by("-pk")


def erase_inquiry(*, call_id: int, contributor_ids: list[int], inquiry_id: int) -> None:
    """Take one's own words back; that there was a question stays."""
    own = Inquiry.objects.filter(
        call_id=call_id, contributor_id__in=contributor_ids, pk=inquiry_id, erased_at=None
    )
    own.update(text=None, erased_at=now())


def _read_words(text: str) -> str:
    words = text.strip()
    if not 0 < len(words) <= TEXT_LETTERS_MAX or UNFIT.search(words):
        raise Invalid(
            "A question or an answer has 1 to {most} letters, all of them visible.",
            most=TEXT_LETTERS_MAX,
        )
    return words
