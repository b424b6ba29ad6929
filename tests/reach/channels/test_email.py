"""E-mail: sent if a server is named, in plain text, to one address."""

from __future__ import annotations

import smtplib

import pytest
from pytest_django import Settings

from dure.reach.channels.email import can_mail, send_mail
from tests.reach.postbox import Postbox


def test_mail_can_be_sent_only_where_a_server_is_named(settings: Settings) -> None:
    settings.EMAIL_HOST = ""
    assert not can_mail()

    settings.EMAIL_HOST = "mail.example.org"
    assert can_mail()


def test_mail_arrives_as_it_was_written(postbox: Postbox) -> None:
    send_mail(to="mina@example.org", subject="두레에서 온 편지", body="안녕하세요.\n\nHello.")

    (mail,) = postbox.mails
    assert postbox.recipients == [["mina@example.org"]]
    assert mail["Subject"] == "두레에서 온 편지"
    assert mail.get_content().split() == ["안녕하세요.", "Hello."]


@pytest.mark.parametrize("field", ["to", "subject"])
def test_line_break_in_a_header_is_refused(field: str, postbox: Postbox) -> None:
    given = {"to": "mina@example.org", "subject": "Hello", "body": "Hello"}
    given[field] += "\nBcc: everyone@example.org"

    with pytest.raises((ValueError, smtplib.SMTPException)):
        send_mail(**given)

    assert postbox.mails == []
