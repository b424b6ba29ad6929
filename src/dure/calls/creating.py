"""Making a call, and changing it while it is a draft."""

from __future__ import annotations

import hashlib
import secrets
from typing import Any

import orjson
from django.db import IntegrityError, transaction
from django.utils.crypto import salted_hmac

from dure import outbox
from dure.calls.models import Call, CallChange, Kind, State, Visibility
from dure.calls.promises import check_promise
from dure.calls.queries import hold_call
from dure.calls.tasks.importing import read_task
from dure.calls.tasks.models import Task, TaskProgress
from dure.calls.tasks.questions import check_question
from dure.calls.texts import LANGUAGE_FORM, check_text
from dure.calls.topics import check_topics
from dure.clock import now
from dure.errors import Invalid, WrongState
from dure.people import audit
from dure.people.models import Organisation

# Without those that look alike when read from a poster: 0 and o, 1 and l and i.
SLUG_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
SLUG_LETTERS = 10
TITLE_LETTERS_MAX = 200
BRIEF_LETTERS_MAX = 5000
LANGUAGE_LETTERS_MAX = 12
ANSWERS_MAX = 1000
LEASE_SECONDS_MIN, LEASE_SECONDS_MAX = 1, 7 * 24 * 3600
RULE = {"min": 3, "max": 5, "target": 0.95, "lease_s": 300}
VISIBILITIES = (Visibility.SEALED, Visibility.AFTER_OWN)
FIELDS = (
    "title", "brief", "question", "answers", "visibility", "promise", "language", "topics",
)  # fmt: skip


class NotADraft(WrongState):
    """This call has opened, and those who take part rely on it; only a draft can be changed."""

    code = "not-a-draft"


def create_call(
    *, organisation: Organisation, by: str, kind: str, request_key: str = "", **given: object
) -> Call:
    """A draft; everything but kind, title and question has a default.

    With a request key, the same request sent again gives the call that the first one made.
    """
    check_kind(kind)
    for name in ("title", "question"):
        if name not in given:
            raise Invalid("A call needs a {name}.", name=name)
    columns = _read_fields({"visibility": Visibility.SEALED, "promise": None, **given})
    content = hashlib.sha256(orjson.dumps([kind, given], option=orjson.OPT_SORT_KEYS)).hexdigest()
    slug = _slug(f"{organisation.pk} {request_key} {content}" if request_key else "")
    try:
        with transaction.atomic():
            call = Call.objects.create(
                organisation=organisation, slug=slug, kind=kind, created_at=now(), **columns
            )
            CallChange.objects.create(call=call, step=CallChange.Step.CREATE, at=now(), by=by)
            audit.record(
                organisation=organisation, by=by, action="create call", thing=f"call:{call.pk}"
            )
            outbox.write(topic="call.create", key=str(call.pk), slug=call.slug)
    except IntegrityError:
        if not request_key:
            raise
        # The request was sent before, or is being answered beside us.
        return Call.objects.get(organisation=organisation, slug=slug)
    return call


def imagine_call(**given: object) -> Call:
    """The draft that create_call would make of these fields, without storing it."""
    return Call(**_read_fields({"visibility": Visibility.SEALED, "promise": None, **given}))


def change_draft(*, call: Call, by: str, **given: object) -> Call:
    """Change what was named; tasks that are there must fit a new question."""
    columns = _read_fields(given, rule=_rule_of(call))
    with transaction.atomic():
        held = hold_call(call.pk)
        if held.state != State.DRAFT:
            raise NotADraft
        changed = {name: value for name, value in columns.items() if getattr(held, name) != value}
        if not changed:
            return held
        for name, value in changed.items():
            setattr(held, name, value)
        held.save(update_fields=list(changed))
        if "question" in changed:
            _check_tasks(held)
        if "answers_max" in changed:
            TaskProgress.objects.filter(call_id=held.pk).update(capacity=held.answers_max)
        audit.record_change(
            organisation=held.organisation,
            by=by,
            action="change call",
            thing=f"call:{held.pk}",
            changed=changed,
        )
        outbox.write(topic="call.change", key=str(held.pk), slug=held.slug)
        return held


def check_kind(kind: str) -> None:
    if kind not in Kind.values:
        raise Invalid("A call's kind is 'tasks'; got {kind!r}.", kind=kind)
    if kind != Kind.TASKS:
        raise Invalid("Calls of kind {kind!r} are not available yet; use 'tasks'.", kind=str(kind))


def check_visibility(visibility: object) -> str:
    if visibility not in Visibility.values:
        raise Invalid(
            "A call's visibility is 'sealed' or 'after_own'; got {given!r}.", given=visibility
        )
    if visibility not in VISIBILITIES:
        raise Invalid(
            "The visibility {given!r} is not available yet; use 'sealed' or 'after_own'.",
            given=str(visibility),
        )
    return str(visibility)


def check_rule(rule: object, *, before: dict[str, Any] | None = None) -> dict[str, Any]:
    """When a task has answers enough, as columns of a call; what is not named stays as before."""
    if not isinstance(rule, dict):
        raise Invalid("answers should be an object with min, max, target, lease_s; got {rule!r}.",
                      rule=rule)  # fmt: skip
    unknown = sorted(str(name) for name in set(rule) - set(RULE))
    if unknown:
        raise Invalid(
            "answers has a field {name!r}; known fields are min, max, target, lease_s.",
            name=unknown[0],
        )
    whole = {**(before or RULE), **rule}
    _check_whole(whole["min"], name="answers.min", low=1, high=ANSWERS_MAX)
    _check_whole(whole["max"], name="answers.max", low=1, high=ANSWERS_MAX)
    # Who names one bound means it; the other was never asked for, and gives way.
    if "min" not in rule:
        whole["min"] = min(whole["min"], whole["max"])
    if "max" not in rule:
        whole["max"] = max(whole["max"], whole["min"])
    _check_whole(
        whole["lease_s"], name="answers.lease_s", low=LEASE_SECONDS_MIN, high=LEASE_SECONDS_MAX
    )
    if whole["min"] > whole["max"]:
        raise Invalid(
            "answers.min should not be above answers.max; got {min} and {max}.",
            min=whole["min"],
            max=whole["max"],
        )
    return {
        "answers_min": whole["min"],
        "answers_max": whole["max"],
        "answers_target": _check_target(whole["target"]),
        "lease_s": whole["lease_s"],
    }


def _read_fields(given: dict[str, object], *, rule: dict[str, Any] | None = None) -> dict[str, Any]:
    """The columns of a call, checked, for the fields that are given (for a new call: all)."""
    unknown = sorted(set(given) - set(FIELDS))
    if unknown:
        raise Invalid("A call has no field {name!r}.", name=unknown[0])
    columns: dict[str, Any] = {}
    if "title" in given:
        columns["title"] = check_text(given["title"], name="title", letters_max=TITLE_LETTERS_MAX)
    if "brief" in given:
        columns["brief"] = check_text(
            given["brief"], name="brief", letters_max=BRIEF_LETTERS_MAX, may_be_empty=True
        )
    if "question" in given:
        columns["question"] = check_question(given["question"])
    if "answers" in given:
        columns |= check_rule(given["answers"], before=rule)
    if "visibility" in given:
        columns["visibility"] = check_visibility(given["visibility"])
    if "promise" in given:
        columns["promise"] = check_promise(given["promise"])
    if "language" in given:
        columns["language"] = _check_language(given["language"])
    if "topics" in given:
        columns["topics"] = check_topics(given["topics"])
    return columns


def _rule_of(call: Call) -> dict[str, Any]:
    return {
        "min": call.answers_min,
        "max": call.answers_max,
        "target": call.answers_target,
        "lease_s": call.lease_s,
    }


def _check_whole(number: object, *, name: str, low: int, high: int) -> None:
    if type(number) is not int or not low <= number <= high:
        raise Invalid(
            "{name} is a whole number from {low} to {high}; got {number!r}.",
            name=name,
            low=low,
            high=high,
            number=number,
        )


def _check_target(target: object) -> float | None:
    if target is None:
        return None
    if isinstance(target, bool) or not isinstance(target, int | float) or not 0 < target <= 1:
        raise Invalid(
            "answers.target is a probability above 0 and at most 1, or null to ask for max "
            "answers; got {target!r}.",
            target=target,
        )
    return float(target)


def _check_language(language: object) -> str:
    if (
        not isinstance(language, str)
        or len(language) > LANGUAGE_LETTERS_MAX
        or not LANGUAGE_FORM.fullmatch(language)
    ):
        raise Invalid("language is a code such as 'en' or 'ko'; got {given!r}.", given=language)
    return language


def _check_tasks(call: Call) -> None:
    tasks = Task.objects.filter(call=call)
    if call.question["type"] not in ("pair", "rank", "box"):
        tasks = tasks.filter(gold__isnull=False)
    for key, content, gold in tasks.values_list("key", "content", "gold").iterator():
        try:
            read_task(call, content=orjson.dumps(content), gold=gold)
        except Invalid as misfit:
            raise WrongState(
                "Task {key!r} does not fit the new question: {why}", key=key, why=misfit.sentence
            ) from None


def _slug(request: str) -> str:
    """Ten letters: at random, or always the same ones for the same request."""
    if not request:
        return "".join(secrets.choice(SLUG_ALPHABET) for _ in range(SLUG_LETTERS))
    # Keyed by the installation's secret, so that nobody else can work out the address of a draft.
    number = int(salted_hmac("dure.calls.creating", request, algorithm="sha256").hexdigest(), 16)
    letters = []
    for _ in range(SLUG_LETTERS):
        number, place = divmod(number, len(SLUG_ALPHABET))
        letters.append(SLUG_ALPHABET[place])
    return "".join(letters)
