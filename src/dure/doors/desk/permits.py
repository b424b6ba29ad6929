"""Who stands at the desk, for which organisation, and whether they may do what they ask for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from dure.calls.models import Call
from dure.calls.queries import find_call
from dure.doors.wording.refusals import spell_refusal
from dure.errors import Invalid, Refusal, Unknown
from dure.people.models import Account, Membership, Organisation
from dure.people.roles import NotYours, Right, find_membership, has_right

View = Callable[..., HttpResponseBase]


@dataclass(frozen=True, slots=True)
class Desk:
    """An organisation's desk and who stands there."""

    membership: Membership
    account: Account

    @property
    def organisation(self) -> Organisation:
        return self.membership.organisation

    @property
    def by(self) -> str:
        return f"account:{self.account.pk}"

    @property
    def may_edit(self) -> bool:
        return has_right(self.membership, Right.EDIT)

    @property
    def may_pay(self) -> bool:
        return has_right(self.membership, Right.MONEY)

    @property
    def may_manage(self) -> bool:
        return has_right(self.membership, Right.MANAGE)

    def call(self, call_id: int) -> Call:
        return find_call(organisation=self.organisation, call_id=call_id)


def at_desk(*, to_see: Right, to_do: Right | None = None) -> Callable[[View], View]:
    """The view gets a Desk; what is not a member's is as unknown as what is not there.

    Reading asks for the right `to_see`, every other method for the right `to_do`.
    """

    def wrap(view: View) -> View:
        @never_cache
        @wraps(view)
        def answer(request: HttpRequest, org: str, **named: object) -> HttpResponseBase:
            if not request.user.is_authenticated:
                if request.headers.get("HX-Request"):
                    # A page to sign in is no answer to a script that keeps a form.
                    return HttpResponse(status=401)
                return redirect_to_login(request.get_full_path())
            assert isinstance(request.user, Account)
            try:
                desk = desk_of(request.user, org)
                right = to_see if request.method in ("GET", "HEAD") else to_do or to_see
                if not has_right(desk.membership, right):
                    raise NotYours
                _check_words(request)
                return view(request, desk, **named)
            except Refusal as refusal:
                return refuse(request, refusal)

        # For the table of who may do what, which is made from these.
        answer.rights = (to_see, to_do)  # type: ignore[attr-defined]
        return answer

    return wrap


def _check_words(request: HttpRequest) -> None:
    """No text can be stored with the sign that ends texts; no keyboard types it."""
    for sent in (request.GET, request.POST):
        if any("\0" in value for values in sent.lists() for value in values[1]):
            raise Invalid("What was sent has a sign that can't be stored (NUL); leave it out.")


def desk_of(account: Account, slug: str) -> Desk:
    return Desk(find_membership(account=account, slug=slug), account)


def refuse(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """A page that says in one sentence what does not go, and where to go on."""
    context = {"sentence": spell_refusal(refusal), "is_unknown": isinstance(refusal, Unknown)}
    return render(request, "desk/refused.html", context, status=refusal.status)
