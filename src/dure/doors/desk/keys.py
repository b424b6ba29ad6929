"""Keys to the organisation's API: shown once, revoked for good."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from dure.doors.desk.permits import Desk, at_desk
from dure.errors import Unknown
from dure.people.models import ApiToken, Scope
from dure.people.roles import Right
from dure.people.tokens import create_token, revoke_token

SHOWN_MAX = 200


@at_desk(to_see=Right.MANAGE)
def tokens(request: HttpRequest, desk: Desk) -> HttpResponse:
    """A new key stands on this one page, and nowhere else ever again."""
    made = ""
    if request.method == "POST":
        made = create_token(
            organisation=desk.organisation, scope=request.POST.get("scope", ""), by=desk.by
        )
    context = {
        "desk": desk,
        "tab": "tokens",
        "tokens": ApiToken.objects.filter(organisation=desk.organisation).order_by("-pk")[
            :SHOWN_MAX
        ],
        "made": made,
        "scopes": Scope,
        "api": request.build_absolute_uri("/api/v1"),
    }
    return render(request, "desk/tokens.html", context)


@require_POST
@at_desk(to_see=Right.MANAGE)
def revoke(request: HttpRequest, desk: Desk, token_id: int) -> HttpResponse:
    token = ApiToken.objects.filter(organisation=desk.organisation, pk=token_id).first()
    if token is None:
        raise Unknown("There is no such key; look at the list again.")
    revoke_token(token=token, by=desk.by)
    messages.success(request, _("Revoked. It opens nothing any more."))
    return redirect("desk-tokens", desk.organisation.slug)
