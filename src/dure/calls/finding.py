"""Finding calls to take part in: by words, topic, language, time and what is promised."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import CharField, Q, QuerySet
from django.db.models.functions import Cast

from dure.calls.models import Call, CallChange, Kind, State
from dure.calls.queries import calls_of, open_calls
from dure.errors import Unknown
from dure.people.models import Organisation

WORDS_MAX = 6


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody looks for; empty is anything. `types` are types of questions."""

    words: str = ""
    topic: str = ""
    language: str = ""
    types: tuple[str, ...] = ()
    is_paid: bool | None = None


def find_open_calls(wish: Wish, *, before_id: int | None = None) -> QuerySet[Call]:
    """Calls that anybody may take part in now and that fit, the newest first."""
    calls = open_calls(before_id=before_id)
    if wish.topic:
        calls = calls.filter(topics__contains=[wish.topic])
    if wish.language:
        calls = calls.filter(Q(language=wish.language) | Q(title__has_key=wish.language))
    if wish.types:
        calls = calls.filter(question__type__in=wish.types)
    if wish.is_paid is not None:
        unpaid = Q(promise__kind="nothing") | ~Q(promise__has_key="kind")
        calls = calls.exclude(unpaid) if wish.is_paid else calls.filter(unpaid)
    for word in wish.words.split()[:WORDS_MAX]:
        calls = calls.alias(
            title_words=Cast("title", CharField()), brief_words=Cast("brief", CharField())
        ).filter(
            Q(title_words__icontains=_as_json(word))
            | Q(brief_words__icontains=_as_json(word))
            | Q(organisation__name__icontains=word)
        )
    return calls


def find_own_calls(organisation: Organisation, *, words: str, state: str) -> QuerySet[Call]:
    """An organisation's calls, drafts among them, whose title has all the words."""
    calls = calls_of(organisation).alias(title_words=Cast("title", CharField()))
    if state:
        calls = calls.filter(state=state)
    for word in words.split()[:WORDS_MAX]:
        calls = calls.filter(title_words__icontains=_as_json(word))
    return calls


def public_calls(organisation: Organisation) -> QuerySet[Call]:
    """An organisation's calls that have opened, the newest first; drafts are nobody's business."""
    calls = Call.objects.filter(organisation=organisation, kind=Kind.TASKS)
    return calls.exclude(state=State.DRAFT).select_related("organisation").order_by("-pk")


def find_public_call(slug: str) -> Call:
    found = Call.objects.filter(slug=slug, kind=Kind.TASKS).exclude(state=State.DRAFT)
    call = found.select_related("organisation").first()
    if call is None:
        raise Unknown
    return call


def is_revealed(call: Call) -> bool:
    """Whether everybody may see what came of a call."""
    if call.state == State.CLOSED:
        return True
    return CallChange.objects.filter(call=call, step=CallChange.Step.REVEAL).exists()


def find_revealed(calls: Sequence[Call]) -> set[int]:
    """Of which calls everybody may see what came of them, by id."""
    closed = {call.pk for call in calls if call.state == State.CLOSED}
    others = [call.pk for call in calls if call.pk not in closed]
    steps = CallChange.objects.filter(call_id__in=others, step=CallChange.Step.REVEAL)
    return closed | set(steps.values_list("call_id", flat=True))


def _as_json(word: str) -> str:
    """As the word stands in stored JSON, where quotes and backslashes have one before them."""
    return word.replace("\\", "\\\\").replace('"', '\\"')
