"""The log's lines about requests, as Django makes them and the console shows them."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator

import psycopg
import pytest
from django.db import connection
from django.test import Client, override_settings
from django.urls import path
from procrastinate.exceptions import ConnectorException

from dure import logs, urls

SECRET = "Zm9yZ2V0LW1lLW5vdA"


@pytest.fixture
def console(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What the settings' own handler writes meanwhile."""
    (handler,) = (
        one for one in logging.getLogger().handlers if isinstance(one.formatter, logs.Brief)
    )
    assert isinstance(handler, logging.StreamHandler)
    assert [type(one) for one in handler.filters] == [logs.Seldom]
    # Another test may have named a foreign host a moment ago.
    monkeypatch.setattr(handler, "filters", [logs.Seldom()])
    shown = io.StringIO()
    before = handler.setStream(shown)
    yield shown
    handler.setStream(before)


def break_down(request: object, token: str) -> None:
    raise RuntimeError("a mistake of ours")


def lose_database(request: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select pg_terminate_backend(pg_backend_pid())")


def wait_too_long(request: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute("set local statement_timeout = 1")
        cursor.execute("select pg_sleep(60)")


urlpatterns = [
    path("keep/<str:token>", break_down),
    path("lost", lose_database),
    path("slow", wait_too_long),
]
handler500 = urls.handler500
HERE = override_settings(ROOT_URLCONF=__name__)


def visitor() -> Client:
    return Client(raise_request_exception=False)


@pytest.mark.django_db
def test_foreign_host_is_said_in_one_line_and_not_again(console: io.StringIO) -> None:
    for _ in range(3):
        visitor().get("/", headers={"host": "evil.example" + "x" * 5000})

    host = ("evil.example" + "x" * 5000)[:100]
    assert console.getvalue() == (
        f"A request named the host '{host}', which DURE_HOSTS does not.\n"
    )


def test_foreign_host_is_said_again_after_a_while() -> None:
    record = logging.makeLogRecord({"name": logs.FOREIGN_HOSTS})
    at_once = logs.Seldom(seconds=0)

    assert [at_once.filter(record), at_once.filter(record)] == [True, True]


@pytest.mark.django_db
def test_long_path_is_cut(console: io.StringIO) -> None:
    visitor().get("/" + "a" * 20_000)

    assert console.getvalue() == ("Not Found: /" + "a" * 20_000)[:300] + "…\n"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "shown"),
    [
        (f"/ko//keep/{SECRET}/", "/ko//keep/…"),
        (f"/ko/keep/ {SECRET}", "/ko/keep/…"),
        (f"/x/keep/mail/{SECRET}", "/x/keep/…"),
        (f"/desk/welcome/{SECRET}/", "/desk/welcome/…"),
        (f"/x/account/password/reset/key/1-{SECRET}/", "/x/account/password/reset/key/…"),
        ("/x/keep/mail", "/x/keep/mail"),
    ],
)
def test_secret_in_a_path_is_not_said(console: io.StringIO, path: str, shown: str) -> None:
    visitor().get(path)

    assert console.getvalue() == f"Not Found: {shown}\n"


@HERE
def test_mistake_of_ours_is_told_whole_without_the_secret_of_its_path(
    console: io.StringIO,
) -> None:
    visitor().get(f"/keep/{SECRET}")

    lines = console.getvalue().splitlines()
    assert lines[:2] == ["Internal Server Error: /keep/…", "Traceback (most recent call last):"]
    assert lines[-1] == "RuntimeError: a mistake of ours"
    assert SECRET not in console.getvalue()


@HERE
def test_pages_without_their_database_are_said_in_one_line(
    console: io.StringIO, live_db: str
) -> None:
    for _ in range(3):
        visitor().get("/lost")

    assert console.getvalue() == (
        "Service Unavailable: /lost (the database is away:"
        " terminating connection due to administrator command)\n"
    )


@HERE
@pytest.mark.django_db
def test_question_that_took_too_long_is_told_whole(console: io.StringIO) -> None:
    status = visitor().get("/slow").status_code

    assert status == 500
    lines = console.getvalue().splitlines()
    assert lines[:2] == ["Internal Server Error: /slow", "Traceback (most recent call last):"]
    assert "wait_too_long" in console.getvalue()


def test_background_work_without_its_database_is_said_in_one_line(console: io.StringIO) -> None:
    try:
        try:
            raise psycopg.OperationalError("connection refused\n\tIs the server running?")
        except psycopg.OperationalError as error:
            raise ConnectorException from error
    except ConnectorException:
        logging.getLogger("procrastinate").exception("listener error\n")

    assert console.getvalue() == (
        "listener error (the database is away: connection refused Is the server running?)\n"
    )


def test_every_other_record_stays_as_it_is(console: io.StringIO) -> None:
    text = "x" * 2000
    try:
        raise RuntimeError(text)
    except RuntimeError:
        logging.getLogger("dure").exception("/keep/%s", text)

    lines = console.getvalue().splitlines()
    assert lines[:2] == [f"/keep/{text}", "Traceback (most recent call last):"]
    assert lines[-1] == f"RuntimeError: {text}"
