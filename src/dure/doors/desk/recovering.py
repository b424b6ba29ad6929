"""A forgotten password: a mail where there is a mail server, else the operator's help."""

from __future__ import annotations

from allauth.account import views
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render

from dure.reach.channels.email import can_mail


def password_reset(request: HttpRequest) -> HttpResponseBase:
    if not can_mail():
        return render(request, "account/no_mail.html")
    response: HttpResponseBase = views.password_reset(request)
    return response
