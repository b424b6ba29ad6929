"""An organisation's members, invitations, settings, and the history of what was done."""

from __future__ import annotations

from typing import Any

import segno
from django.contrib import messages
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from dure.doors.desk.naming import find_things, name_things
from dure.doors.desk.permits import Desk, at_desk
from dure.doors.desk.reading import read_id
from dure.doors.wording.deeds import find_deeds, spell_deed, spell_facts
from dure.doors.wording.links import root_of
from dure.doors.wording.refusals import spell_refusal
from dure.errors import Invalid, Refusal
from dure.people import roles
from dure.people.inviting import invite as invite_
from dure.people.inviting import open_invitations, revoke_invitation, seal_invitation
from dure.people.models import AuditEntry, Role
from dure.people.organisations import change_organisation
from dure.people.roles import Right
from dure.reach.channels.email import can_mail
from dure.reach.jobs import mail_invitation_later

ENTRIES_PER_PAGE = 50


@require_safe
@at_desk(to_see=Right.READ)
def members(request: HttpRequest, desk: Desk) -> HttpResponse:
    return _show_members(request, desk)


@require_POST
@at_desk(to_see=Right.MANAGE)
def invite(request: HttpRequest, desk: Desk) -> HttpResponse:
    """By mail where there is a mail server and an address, else by a link that is shown once."""
    email = request.POST.get("email", "").strip()
    is_mailed = bool(email) and can_mail()
    try:
        with transaction.atomic():
            made = invite_(
                organisation=desk.organisation,
                role=request.POST.get("role", ""),
                by=desk.by,
                email=email if is_mailed else None,
            )
            if is_mailed:
                mail_invitation_later(
                    invitation_id=made.pk, language=get_language() or "en", address=root_of(request)
                )
    except Invalid:
        advice = _("Please check the address, for example you@example.org.")
        return _show_members(request, desk, status=422, email=email, advice=advice)
    if is_mailed:
        messages.success(
            request, _("The invitation is on its way to %(email)s.") % {"email": email}
        )
        return redirect("desk-members", desk.organisation.slug)
    link = root_of(request) + reverse("desk-welcome", args=[seal_invitation(made)])
    picture = segno.make(link, error="m").svg_data_uri(scale=5, border=2, light="white")
    return _show_members(request, desk, link=link, picture=picture)


@require_POST
@at_desk(to_see=Right.MANAGE)
def change_role(request: HttpRequest, desk: Desk, membership_id: int) -> HttpResponse:
    roles.set_role(
        organisation=desk.organisation,
        membership_id=membership_id,
        role=request.POST.get("role", ""),
        by=desk.by,
    )
    messages.success(request, _("Saved."))
    return redirect("desk-members", desk.organisation.slug)


@require_POST
@at_desk(to_see=Right.MANAGE)
def remove(request: HttpRequest, desk: Desk, membership_id: int) -> HttpResponse:
    roles.remove_member(organisation=desk.organisation, membership_id=membership_id, by=desk.by)
    messages.success(request, _("Removed. What they did stays in the history."))
    return redirect("desk-members", desk.organisation.slug)


@require_POST
@at_desk(to_see=Right.MANAGE)
def take_back(
    request: HttpRequest,  # noqa: ARG001
    desk: Desk,
    invitation_id: int,
) -> HttpResponse:
    revoke_invitation(organisation=desk.organisation, invitation_id=invitation_id, by=desk.by)
    return redirect("desk-members", desk.organisation.slug)


@at_desk(to_see=Right.MANAGE)
def settings(request: HttpRequest, desk: Desk) -> HttpResponse:
    organisation = desk.organisation
    name = request.POST.get("name", organisation.name)
    about = request.POST.get("about", organisation.about)
    advice = ""
    if request.method == "POST":
        try:
            change_organisation(organisation=organisation, name=name, about=about, by=desk.by)
        except Refusal as refusal:
            advice = spell_refusal(refusal)
        else:
            messages.success(request, _("Saved."))
            return redirect("desk-settings", organisation.slug)
    context = {"desk": desk, "tab": "settings", "name": name, "about": about, "advice": advice}
    return render(request, "desk/settings.html", context, status=422 if advice else 200)


@require_safe
@at_desk(to_see=Right.READ)
def audit(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Everything that was done, the last first; rows are only ever added."""
    found = AuditEntry.objects.filter(organisation=desk.organisation).order_by("-pk")
    words = request.GET.get("words", "").replace("\0", "").strip()[:60]
    if words:
        things = find_things(words, organisation=desk.organisation)
        found = found.filter(
            Q(action__in=find_deeds(words)) | Q(by__in=things) | Q(thing__in=things)
        )
    before = read_id(request.GET.get("before"))
    if before is not None:
        found = found.filter(pk__lt=before)
    page = list(found[: ENTRIES_PER_PAGE + 1])
    shown = page[:ENTRIES_PER_PAGE]
    names = name_things([*(one.by for one in shown), *(one.thing for one in shown)])
    context = {
        "desk": desk,
        "tab": "audit",
        "entries": [_show_entry(one, names) for one in shown],
        "words": words,
        "next": shown[-1].pk if len(page) > ENTRIES_PER_PAGE else None,
    }
    return render(request, "desk/audit.html", context)


def _show_entry(entry: AuditEntry, names: dict[str, str]) -> dict[str, Any]:
    kind, _colon, key = entry.thing.partition(":")
    return {
        "at": entry.at,
        "by": names[entry.by],
        "deed": spell_deed(entry.action),
        "thing": names[entry.thing],
        "call_id": key if kind == "call" and key.isdecimal() else "",
        "facts": list(spell_facts(entry.facts)),
    }


def _show_members(
    request: HttpRequest, desk: Desk, *, status: int = 200, **more: object
) -> HttpResponse:
    invitations = list(open_invitations(desk.organisation)) if desk.may_manage else []
    context = {
        "desk": desk,
        "tab": "members",
        "members": roles.members_of(desk.organisation),
        "invitations": invitations,
        "roles": Role,
        "can_mail": can_mail(),
        **more,
    }
    return render(request, "desk/members.html", context, status=status)
