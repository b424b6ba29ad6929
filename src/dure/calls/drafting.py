"""Beginning a call from something there is: another call, or a template."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet

from dure.calls.creating import create_call
from dure.calls.life import write_step
from dure.calls.models import Call, CallChange, Draft, State, Template
from dure.calls.queries import calls_of, hold_call
from dure.calls.tasks.importing import Flawed, Report, add_tasks
from dure.calls.tasks.models import Task
from dure.clock import now
from dure.errors import Invalid, Unknown, WrongState
from dure.people import audit
from dure.people.models import Organisation

NAME_LETTERS_MAX = 120
TEMPLATES_MAX = 200
TYPED_BYTES_MAX = 200_000


class TemplateTaken(WrongState):
    """There is a template {name!r} already; choose another name."""

    code = "template-taken"


class Opened(WrongState):
    """A call that has opened can't be thrown away; close it instead."""

    code = "call-opened"


def fields_of(call: Call) -> dict[str, Any]:
    """A call as the fields that would make it again."""
    return {
        "title": call.title,
        "brief": call.brief,
        "question": call.question,
        "answers": {
            "min": call.answers_min,
            "max": call.answers_max,
            "target": call.answers_target,
            "lease_s": call.lease_s,
        },
        "visibility": call.visibility,
        "promise": call.promise,
        "language": call.language,
        "topics": call.topics,
    }


def duplicate_call(*, call: Call, by: str, with_tasks: bool, request_key: str = "") -> Call:
    """A draft that asks the same; with the same tasks and their gold, if wanted.

    With a request key, the same request sent again gives the draft that the first one made.
    """
    with transaction.atomic():
        made = create_call(
            organisation=call.organisation,
            by=by,
            kind=call.kind,
            request_key=request_key and f"{request_key} {call.pk} {with_tasks}",
            **fields_of(call),
        )
        if with_tasks and made.state == State.DRAFT and not made.tasks.exists():
            with connection.cursor() as cursor:
                cursor.execute(
                    "select tasks_copy(%s, %s, %s)", [call.pk, made.pk, made.answers_max]
                )
    return made


def discard_draft(*, call: Call, by: str) -> None:
    """Throw a draft away for good, with its tasks and what was typed; only its history stays."""
    with transaction.atomic():
        held = hold_call(call.pk)
        if held.state != State.DRAFT:
            raise Opened
        with connection.cursor() as cursor:
            cursor.execute("select tasks_remove(%s, null)", [held.pk])
        Draft.objects.filter(call=held).delete()
        # The address is free again, for the same request may be sent again to make a new draft.
        held.slug = f"discarded-{held.pk}"
        held.save(update_fields=["slug"])
        write_step(held, step=CallChange.Step.DISCARD, by=by)


def drafts_begun_by(by: str, *, organisation: Organisation) -> QuerySet[Call]:
    """Drafts that somebody made and into whose pages nobody has typed anything that is kept."""
    begun = CallChange.objects.filter(call=OuterRef("pk"), step=CallChange.Step.CREATE, by=by)
    typed = Draft.objects.filter(call=OuterRef("pk")).exclude(typed={})
    return calls_of(organisation).filter(Exists(begun), ~Exists(typed), state=State.DRAFT)


def remove_tasks(*, call: Call, by: str, keys: list[str] | None = None) -> int:
    """Take tasks out of a draft: those of these keys, or all."""
    with transaction.atomic():
        held = hold_call(call.pk)
        if held.state != State.DRAFT:
            raise WrongState("Tasks of a call that has opened stay; pause it or close it instead.")
        with connection.cursor() as cursor:
            cursor.execute("select tasks_remove(%s, %s::varchar[])", [held.pk, keys])
            removed: int = cursor.fetchone()[0]
        if removed:
            audit.record(
                organisation=held.organisation,
                by=by,
                action="remove tasks",
                thing=f"call:{held.pk}",
                removed=removed,
            )
    return removed


def add_own_tasks(
    *,
    call: Call,
    rows: Iterable[tuple[int, object] | Flawed],
    by: str,
    examples: Iterable[dict[str, Any]] = (),
) -> Report:
    """Add tasks; into a draft that holds but a template's examples they come in their place."""
    kept = list(examples)
    if kept:
        # They go first, since among those that come may be some of the same keys.
        remove_tasks(call=call, by=by, keys=[one["key"] for one in kept])
    try:
        return add_tasks(call=call, rows=rows, strict=False, by=by)
    finally:
        if kept and not Task.objects.filter(call=call).exists():
            add_tasks(call=call, rows=enumerate(kept, start=1), strict=True, by=by)


def save_template(*, call: Call, name: str, by: str) -> Template:
    words = " ".join(name.split())
    if not 0 < len(words) <= NAME_LETTERS_MAX:
        raise Invalid("A template's name has 1 to {most} letters.", most=NAME_LETTERS_MAX)
    with transaction.atomic():
        Organisation.objects.select_for_update(no_key=True).get(pk=call.organisation_id)
        there = templates_of(call.organisation)
        if there.filter(name=words).exists():
            raise TemplateTaken(name=words)
        if there.count() >= TEMPLATES_MAX:
            raise WrongState("There are {most} templates; remove one first.", most=TEMPLATES_MAX)
        made = Template.objects.create(
            organisation=call.organisation, name=words, fields=fields_of(call), at=now(), by=by
        )
        audit.record(
            organisation=call.organisation,
            by=by,
            action="save template",
            thing=f"template:{made.pk}",
            name=words,
        )
    return made


def templates_of(organisation: Organisation) -> QuerySet[Template]:
    return Template.objects.filter(organisation=organisation).order_by("name")


def find_template(*, organisation: Organisation, template_id: int) -> Template:
    found = templates_of(organisation).filter(pk=template_id).first()
    if found is None:
        raise Unknown("There is no such template; choose another one.")
    return found


def remove_template(*, organisation: Organisation, template_id: int, by: str) -> None:
    with transaction.atomic():
        removed, _ = templates_of(organisation).filter(pk=template_id).delete()
        if removed:
            audit.record(
                organisation=organisation,
                by=by,
                action="remove template",
                thing=f"template:{template_id}",
            )


def keep_typed(*, call: Call, page: str, typed: dict[str, list[str]]) -> None:
    """What was typed into one of a draft's pages, right or wrong, until it is typed again."""
    with transaction.atomic():
        draft, _ = Draft.objects.select_for_update().get_or_create(
            call=call, defaults={"at": now()}
        )
        draft.typed = {**draft.typed, page: typed}
        draft.at = now()
        draft.save()


def forget_typed(*, call: Call, page: str) -> None:
    """The call has taken what was typed into the page."""
    with transaction.atomic():
        draft = Draft.objects.select_for_update().filter(call=call).first()
        if draft is not None and page in draft.typed:
            draft.typed = {name: typed for name, typed in draft.typed.items() if name != page}
            draft.save()


def read_typed(*, call: Call, page: str) -> dict[str, list[str]] | None:
    draft = Draft.objects.filter(call=call).first()
    return draft.typed.get(page) if draft else None
