"""Coming in: an invitation's link, the owner's link of a new installation, one's own account."""

from __future__ import annotations

from allauth.account.internal.flows.login import record_authentication
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from dure.doors.desk.permits import refuse
from dure.doors.wording.links import root_of
from dure.doors.wording.refusals import spell_refusal
from dure.errors import Invalid, Refusal
from dure.people.accounts import read_email
from dure.people.inviting import accept_invitation, find_invitation
from dure.people.models import Account, Invitation
from dure.people.organisations import (
    Fault,
    SlugTaken,
    create_organisation,
    find_fault,
    suggest_slug,
)
from dure.people.roles import NotYours, memberships_of

NAME_LETTERS_MAX = 120


@never_cache
def welcome(request: HttpRequest, token: str) -> HttpResponse:
    """An invitation: looking at it changes nothing, since messengers look at links too."""
    try:
        invitation = find_invitation(token)
        if request.method != "POST":
            response = _show_welcome(request, invitation)
        elif request.user.is_authenticated:
            assert isinstance(request.user, Account)
            response = _accept(request, token, invitation, request.user)
        else:
            response = _sign_up(request, token, invitation)
    except Refusal as refusal:
        response = refuse(request, refusal)
    # The link is a secret: no other site is told where its visitor came from. To tell nobody at
    # all would hide from our own check of forms where they came from.
    response["Referrer-Policy"] = "same-origin"
    return response


@login_required
@never_cache
def account(request: HttpRequest) -> HttpResponse:
    assert isinstance(request.user, Account)
    if request.method == "POST":
        name = read_name(request)
        Account.objects.filter(pk=request.user.pk).update(name=name)
        messages.success(request, _("Saved."))
        return redirect("desk-account")
    return render(request, "desk/account.html", {"memberships": memberships_of(request.user)})


@login_required
@never_cache
def new_organisation(request: HttpRequest) -> HttpResponse:
    """Whoever runs the installation makes more organisations."""
    assert isinstance(request.user, Account)
    if not request.user.is_staff:
        return refuse(request, NotYours())
    name = request.POST.get("organisation", "").strip()
    advices = {}
    if request.method == "POST":
        assert request.user.email is not None
        own = suggest_slug(name, owner_email=request.user.email)
        slug = _read_slug(request) or own
        # A form that was sent twice makes one.
        if slug != own:
            advices = _advise_slug(slug)
        try:
            if not advices:
                made = create_organisation(slug=slug, name=name, owner_email=request.user.email)
                return redirect("desk-calls", made.slug)
        except Refusal as refusal:
            advices = {"organisation": spell_refusal(refusal)}
    context = {"organisation": name, "slug": _read_slug(request), "advices": advices}
    context["root"] = root_of(request)
    return render(request, "desk/new_organisation.html", context, status=422 if advices else 200)


def read_name(request: HttpRequest) -> str:
    """What somebody wants to be called: one line, cut to what is stored."""
    name = " ".join(request.POST.get("name", "").replace("\0", "").split())
    return name[:NAME_LETTERS_MAX]


def _read_slug(request: HttpRequest) -> str:
    """What an organisation would like to be called in links; empty if anything will do."""
    return request.POST.get("slug", "").strip().lower()


def _show_welcome(
    request: HttpRequest, invitation: Invitation, *, advices: dict[str, str] | None = None
) -> HttpResponse:
    context = {
        "invitation": invitation,
        "is_owner": invitation.organisation is None,
        "email": request.POST.get("email", invitation.email or ""),
        "name": request.POST.get("name", ""),
        "organisation": request.POST.get("organisation", ""),
        "slug": _read_slug(request),
        "root": root_of(request),
        "advices": advices or {},
        "next": request.path,
    }
    return render(request, "desk/welcome.html", context, status=422 if advices else 200)


def _sign_up(request: HttpRequest, token: str, invitation: Invitation) -> HttpResponse:
    """A new account for whoever has the link; one that can sign in already does that first."""
    given, advices = _read_sign_up(request, invitation)
    if advices:
        return _show_welcome(request, invitation, advices=advices)
    try:
        with transaction.atomic():
            account = _open_account(**given)
            slug = _join(request, token, account)
    except (Invalid, SlugTaken) as refusal:
        advices = {"organisation": spell_refusal(refusal)}
        return _show_welcome(request, invitation, advices=advices)
    login(request, account, backend=settings.AUTHENTICATION_BACKENDS[0])
    record_authentication(request, account, method="password")
    return redirect("desk-calls", slug)


def _open_account(*, email: str, password: str, name: str) -> Account:
    account = Account.objects.filter(email=email).first()
    if account is None:
        return Account.objects.create_user(email, password, name=name)
    account.set_password(password)
    account.name = name or account.name
    account.save(update_fields=["password", "name"])
    return account


def _read_sign_up(
    request: HttpRequest, invitation: Invitation
) -> tuple[dict[str, str], dict[str, str]]:
    given = {name: request.POST.get(name, "") for name in ("email", "password", "name")}
    given["name"] = read_name(request)
    advices = {}
    try:
        given["email"] = read_email(given["email"])
    except Invalid:
        advices["email"] = _("Please check the address, for example you@example.org.")
    else:
        if not _may_open(given["email"], invitation):
            advices["email"] = _("There is an account with this address. Sign in first.")
    try:
        validate_password(given["password"])
    except ValidationError as error:
        advices["password"] = " ".join(error.messages)
    return given, advices | _advise_organisation(request, invitation)


def _advise_organisation(request: HttpRequest, invitation: Invitation) -> dict[str, str]:
    if invitation.organisation is not None:
        return {}
    advices = _advise_slug(_read_slug(request))
    if not request.POST.get("organisation", "").strip():
        advices["organisation"] = _("Please name your organisation.")
    return advices


def _advise_slug(slug: str) -> dict[str, str]:
    """What is wrong with a short name that was typed."""
    fault = find_fault(slug) if slug else None
    if fault is None:
        return {}
    sentences = {
        Fault.MALFORMED: _(
            "Please use only small letters a–z, digits, and single hyphens between them."
        ),
        Fault.RESERVED: _("Dure itself needs this short name. Please choose another one."),
        Fault.TAKEN: _("Another organisation has this short name. Please choose another one."),
    }
    return {"slug": sentences[fault]}


def _may_open(email: str, invitation: Invitation) -> bool:
    """Whether the link alone may give an account of this address its first password.

    One that exists belongs to somebody: only a link that was mailed to the address proves that it
    is them, or the owner's link, which only the operator has.
    """
    account = Account.objects.filter(email=email).first()
    if account is None:
        return True
    if account.has_usable_password():
        return False
    return invitation.organisation is None or invitation.email == email


def _accept(
    request: HttpRequest, token: str, invitation: Invitation, account: Account
) -> HttpResponse:
    advices = _advise_organisation(request, invitation)
    if advices:
        return _show_welcome(request, invitation, advices=advices)
    return redirect("desk-calls", _join(request, token, account))


def _join(request: HttpRequest, token: str, account: Account) -> str:
    name = request.POST.get("organisation", "").strip()
    slug = _read_slug(request) or suggest_slug(name)
    return accept_invitation(raw=token, account=account, name=name, slug=slug)
