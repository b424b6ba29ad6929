"""The addresses of a call's pages."""

from __future__ import annotations

from django.urls import URLPattern, path

from dure.doors.phone import earning, installing, keeping, passkeys, paying, previewing, views


def routes() -> list[URLPattern]:
    return [
        path("c/worker.js", installing.worker, name="worker"),
        path("c/offline", installing.offline, name="offline"),
        path("c/app/<slug:version>/<str:name>", installing.phone_file, name="phone-file"),
        path("c/preview/<int:call_id>", previewing.preview, name="call-preview"),
        path("c/<slug:slug>/manifest.webmanifest", installing.manifest, name="manifest"),
        path("c/<slug:slug>/", views.join, name="join"),
        path("c/<slug:slug>/answer", views.give_answer, name="give-answer"),
        path("c/<slug:slug>/keep", keeping.keep, name="keep"),
        path("c/<slug:slug>/keep/link", keeping.make_link, name="keep-link"),
        path("c/<slug:slug>/keep/mail", keeping.ask_for_mail, name="keep-mail"),
        path("c/<slug:slug>/keep/name", keeping.set_name, name="keep-name"),
        path("c/<slug:slug>/keep/pay", paying.pay, name="keep-pay"),
        path("c/<slug:slug>/earned", earning.earned, name="earned"),
        path("c/<slug:slug>/earned/ask", earning.ask, name="earned-ask"),
        path("c/<slug:slug>/earned/erase", earning.erase, name="earned-erase"),
        path("earned", earning.earned_in_all, name="earned-in-all"),
        path("earned.csv", earning.earned_as_table, name="earned-as-table"),
        path("keep/passkey/begin", passkeys.begin_keeping, name="passkey-begin"),
        path("keep/passkey/finish", passkeys.finish_keeping, name="passkey-finish"),
        path("keep/passkey/find", passkeys.begin_returning, name="passkey-find"),
        path("keep/passkey/found", passkeys.finish_returning, name="passkey-found"),
        path("keep/<str:token>", keeping.claim, name="claim"),
        path("c/<slug:slug>/undo", views.take_back, name="take-back"),
    ]
