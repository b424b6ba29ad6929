"""Keep what I did: on another device, under an address, with a passkey; thanks by name."""

from __future__ import annotations

from typing import Any

import segno
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from dure.calls.tasks import answers
from dure.calls.tasks.merging import find_contributor, find_person, use_claim
from dure.calls.tasks.queries import count_answers_of
from dure.doors.phone import forms, installing
from dure.doors.phone.keys import read_key, set_key
from dure.doors.phone.showing import show_call
from dure.doors.wording.links import root_of
from dure.errors import Refusal
from dure.people import claiming
from dure.people.accounts import read_email
from dure.people.credits import drop_credit, set_credit
from dure.people.models import Credit
from dure.reach.channels.email import can_mail
from dure.reach.jobs import mail_claim_later

Context = dict[str, Any]


@require_safe
@never_cache
def keep(request: HttpRequest, slug: str) -> HttpResponse:
    """What was done in this call, and the ways to keep it."""
    context = read_context(request, slug)
    return redirect("join", slug) if context is None else _show(request, context)


@require_POST
@never_cache
def make_link(request: HttpRequest, slug: str) -> HttpResponse:
    """A link for another device, as a picture for its camera and as text."""
    context = read_context(request, slug)
    if context is None:
        return redirect("join", slug)
    try:
        token = claiming.make_claim(person_id=context["person"].pk)
    except claiming.TooManyLinks as refusal:
        advice = _("Those were many links at once. Please wait a little.")
        return _show(request, context, status=refusal.status, link_advice=advice)
    link = f"{root_of(request)}{reverse('claim', args=[token])}"
    picture = segno.make(link, error="m").svg_data_uri(scale=5, border=2, light="white")
    return _show(request, context, link=link, picture=picture)


@require_POST
def ask_for_mail(request: HttpRequest, slug: str) -> HttpResponse:
    context = read_context(request, slug)
    if context is None:
        return redirect("join", slug)
    if not context["can_mail"]:
        return redirect("keep", slug)
    typed = request.POST.get("email", "")
    try:
        with transaction.atomic():
            claim = claiming.ask_for_mail(person_id=context["person"].pk, email=read_email(typed))
            mail_claim_later(
                claim_id=claim.pk, language=get_language() or "en", address=root_of(request)
            )
    except claiming.TooManyMails as refusal:
        advice = _("Three mails an hour are the most. Please wait a little.")
        return _show(request, context, status=refusal.status, email=typed, mail_advice=advice)
    except Refusal as refusal:
        advice = _("Please check the address, for example you@example.org.")
        return _show(request, context, status=refusal.status, email=typed, mail_advice=advice)
    return _show(request, context, mailed=claim.email)


@require_POST
def set_name(request: HttpRequest, slug: str) -> HttpResponse:
    """Thank this contributor by name on the finished call, or not any more."""
    context = read_context(request, slug)
    if context is None:
        return redirect("join", slug)
    me = {"call_id": context["call_id"], "contributor_id": context["contributor"].id}
    typed = request.POST.get("name", "")
    if not typed.strip():
        drop_credit(**me)
        return redirect("keep", slug)
    try:
        set_credit(**me, name=typed)
    except Refusal as refusal:
        advice = _("Please write a name of 1 to 60 letters.")
        return _show(request, context, status=refusal.status, name=typed, name_advice=advice)
    return redirect("keep", slug)


@never_cache
def claim(request: HttpRequest, token: str) -> HttpResponse:
    """A claim's link: looking at it changes nothing, since messengers look at links too."""
    key = read_key(request)
    try:
        if request.method != "POST":
            claiming.find_claim(token)
            response = render(request, "phone/claim.html", {"has_own": find_person(key)})
        else:
            key = use_claim(token=token, key=key)
            response = render(request, "phone/kept.html")
            set_key(response, key)
    except Refusal as refusal:
        response = render(
            request, "phone/claim_over.html", {"code": refusal.code}, status=refusal.status
        )
    # The link is a secret: no other site is told where its visitor came from. With no referrer at
    # all, browsers would not tell our own check of forms either, and refuse the button.
    response["Referrer-Policy"] = "same-origin"
    return response


def read_context(request: HttpRequest, slug: str) -> Context | None:
    """Who asks, and in which call; None for whoever has not taken part in it."""
    key = read_key(request)
    found = answers.run(answers.find_call(slug=slug))
    person = find_person(key)
    if found is None or person is None:
        return None
    contributor = find_contributor(call_id=found["id"], person=person)
    if contributor is None:
        return None
    credit = Credit.objects.filter(call_id=found["id"], contributor_id=contributor.id).first()
    return {
        "call": show_call({**found, "slug": slug}),
        "call_id": found["id"],
        "person": person,
        "contributor": contributor,
        "progress": forms.thank(
            count_answers_of(call_id=found["id"], pseudonym=contributor.pseudonym)
        ),
        "version": installing.version_of_files(),
        "is_kept": person.account_id is not None,
        "name": credit.name if credit else "",
        "can_mail": can_mail(),
    }


def _show(
    request: HttpRequest, context: Context, *, status: int = 200, **more: object
) -> HttpResponse:
    return render(request, "phone/keep.html", {**context, **more}, status=status)
