"""The addresses of the desk; everything of an organisation lies under its short name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from allauth.account import views as account_views
from django.urls import URLPattern, URLResolver, include, path, re_path
from django.views.decorators.cache import never_cache

from dure.doors.desk import (
    answering,
    board,
    books,
    entrance,
    exports,
    home,
    keys,
    live,
    media,
    money,
    moving,
    office,
    payout_rules,
    payouts,
    recovering,
    settling,
    sharing,
    tasks,
    treasury,
    uploads,
    wizard,
)


def routes() -> list[URLPattern | URLResolver]:
    return [
        *_kept_by_nobody(_signing()),
        path("desk/", home.desk, name="desk"),
        path("desk/account", entrance.account, name="desk-account"),
        path("desk/new-organisation", entrance.new_organisation, name="desk-new-organisation"),
        path("desk/welcome/<str:token>", entrance.welcome, name="desk-welcome"),
        *_office(),
        *_payouts(),
        *_calls(),
        *_money(),
    ]


def _office() -> list[URLPattern]:
    return [
        path("desk/<slug:org>/", home.calls, name="desk-calls"),
        path("desk/<slug:org>/members", office.members, name="desk-members"),
        path("desk/<slug:org>/members/invite", office.invite, name="desk-invite"),
        path(
            "desk/<slug:org>/members/<int:membership_id>/role",
            office.change_role,
            name="desk-role",
        ),
        path(
            "desk/<slug:org>/members/<int:membership_id>/remove",
            office.remove,
            name="desk-remove",
        ),
        path(
            "desk/<slug:org>/invitations/<int:invitation_id>/take-back",
            office.take_back,
            name="desk-take-back",
        ),
        path("desk/<slug:org>/settings", office.settings, name="desk-settings"),
        path("desk/<slug:org>/history", office.audit, name="desk-audit"),
        path("desk/<slug:org>/ledger", books.ledger, name="desk-ledger"),
        path("desk/<slug:org>/ledger/export.<str:form>", books.export, name="desk-ledger-export"),
        path(
            "desk/<slug:org>/ledger/<int:account_id>",
            books.account_entries,
            name="desk-account-entries",
        ),
        path("desk/<slug:org>/keys", keys.tokens, name="desk-tokens"),
        path("desk/<slug:org>/keys/<int:token_id>/revoke", keys.revoke, name="desk-token-revoke"),
        path("desk/<slug:org>/media", media.media, name="desk-media"),
    ]


def _payouts() -> list[URLPattern]:
    whole = "desk/<slug:org>/payouts"
    return [
        path(whole, payouts.payouts, name="desk-payouts"),
        path(f"{whole}/rules", payout_rules.rules, name="desk-payout-rules"),
        path(f"{whole}/books", payouts.keep_books, name="desk-payout-books"),
        path(f"{whole}/<int:batch_id>", payouts.batch, name="desk-payout"),
        path(f"{whole}/<int:batch_id>/lead", payouts.lead, name="desk-payout-lead"),
        path(f"{whole}/<int:batch_id>/file.<str:form>", payouts.file, name="desk-payout-file"),
    ]


def _calls() -> list[URLPattern]:
    call = "desk/<slug:org>/calls/<int:call_id>"
    return [
        path("desk/<slug:org>/new", home.new, name="desk-new"),
        path(
            "desk/<slug:org>/templates/<int:template_id>/remove",
            home.remove_template,
            name="desk-template-remove",
        ),
        path(f"{call}/", board.board, name="desk-board"),
        path(f"{call}/board", board.board_part, name="desk-board-part"),
        path(f"{call}/events", live.events, name="desk-events"),
        path(f"{call}/life", board.lead, name="desk-life"),
        path(f"{call}/rehearsal", board.rehearse, name="desk-rehearsal"),
        path(f"{call}/duplicate", home.duplicate, name="desk-duplicate"),
        path(f"{call}/discard", home.discard, name="desk-discard"),
        path(f"{call}/template", home.save_as_template, name="desk-template"),
        path(f"{call}/question", wizard.question, name="desk-question"),
        path(f"{call}/add", wizard.put_in, name="desk-add-tasks"),
        path(f"{call}/add/clear", wizard.clear_tasks, name="desk-clear-tasks"),
        path(f"{call}/upload", uploads.upload, name="desk-upload"),
        path(f"{call}/upload/<int:upload_id>", uploads.mapping, name="desk-mapping"),
        path(f"{call}/terms", wizard.terms, name="desk-terms"),
        path(f"{call}/share", sharing.share, name="desk-share"),
        path(f"{call}/share/code.<str:form>", sharing.code, name="desk-code"),
        path(f"{call}/share/poster", sharing.poster, name="desk-poster"),
        path(f"{call}/tasks", tasks.table, name="desk-tasks"),
        path(f"{call}/tasks/<int:task_id>", tasks.task, name="desk-task"),
        path(f"{call}/exports", exports.exports, name="desk-exports"),
        path(f"{call}/exports/table", exports.table, name="desk-export-table"),
        path(f"{call}/exports/now", exports.at_once, name="desk-export-now"),
        path(f"{call}/exports/<int:export_id>", exports.state, name="desk-export"),
        path(f"{call}/exports/<int:export_id>/file", exports.file, name="desk-export-file"),
    ]


def _money() -> list[URLPattern]:
    money_of_call = "desk/<slug:org>/calls/<int:call_id>/money"
    return [
        path("desk/<slug:org>/money", treasury.treasury, name="desk-money"),
        path("desk/<slug:org>/money/limit", treasury.limit, name="desk-limit"),
        path(money_of_call, money.money, name="desk-call-money"),
        path(f"{money_of_call}/pay-in", moving.paying_in, name="desk-pay-in"),
        path(f"{money_of_call}/pay-back", moving.paying_back, name="desk-pay-back"),
        path(f"{money_of_call}/gain", moving.gaining, name="desk-gain"),
        path(
            f"{money_of_call}/gains/<int:gain_id>/correct",
            moving.correcting,
            name="desk-correct-gain",
        ),
        path(f"{money_of_call}/promise", moving.bettering, name="desk-better-promise"),
        path(f"{money_of_call}/settle", settling.propose, name="desk-settle"),
        path(
            f"{money_of_call}/settlements/<int:number>", settling.settlement, name="desk-settlement"
        ),
        path(
            f"{money_of_call}/settlements/<int:number>/shares.csv",
            settling.file,
            name="desk-settlement-file",
        ),
        path(f"{money_of_call}/questions", answering.questions, name="desk-inquiries"),
        path(
            f"{money_of_call}/questions/<int:inquiry_id>/answer",
            answering.answer,
            name="desk-answer",
        ),
    ]


def _signing() -> list[URLPattern | URLResolver]:
    """allauth's pages; signing up and changing an address are not among them."""
    return [
        path("account/login/", account_views.login, name="account_login"),
        path("account/logout/", account_views.logout, name="account_logout"),
        path("account/inactive/", account_views.account_inactive, name="account_inactive"),
        path("account/signup/", account_views.signup, name="account_signup"),
        path(
            "account/reauthenticate/", account_views.reauthenticate, name="account_reauthenticate"
        ),
        path(
            "account/password/change/",
            account_views.password_change,
            name="account_change_password",
        ),
        path("account/password/set/", account_views.password_set, name="account_set_password"),
        path("account/password/reset/", recovering.password_reset, name="account_reset_password"),
        path(
            "account/password/reset/done/",
            account_views.password_reset_done,
            name="account_reset_password_done",
        ),
        re_path(
            r"^account/password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
            account_views.password_reset_from_key,
            name="account_reset_password_from_key",
        ),
        path(
            "account/password/reset/key/done/",
            account_views.password_reset_from_key_done,
            name="account_reset_password_from_key_done",
        ),
        path("account/2fa/", include("allauth.mfa.urls")),
    ]


def _kept_by_nobody(
    routes: Iterable[URLPattern | URLResolver],
) -> Iterator[URLPattern | URLResolver]:
    """The same routes; what they show no browser keeps, since the next one at it may be another."""
    for route in routes:
        if isinstance(route, URLResolver):
            yield URLResolver(route.pattern, list(_kept_by_nobody(route.url_patterns)))
        else:
            yield URLPattern(
                route.pattern, never_cache(route.callback), route.default_args, route.name
            )
