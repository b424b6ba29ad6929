"""Times are told in the reader's zone; what a cookie says may be anything."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.utils.translation import override

from dure.doors.wording.saying import spell_day, spell_moment
from dure.doors.wording.zones import COOKIE, ReadersZone
from dure.errors import Invalid
from dure.settings import read_zone

LATE = datetime(2026, 3, 1, 20, 30, tzinfo=UTC)


def told(zone: str) -> tuple[str, str]:
    def view(_request: HttpRequest) -> HttpResponse:
        return HttpResponse(f"{spell_moment(LATE)}|{spell_day(LATE)}")

    request = RequestFactory().get("/")
    request.COOKIES[COOKIE] = zone
    moment, day = ReadersZone(view)(request).content.decode().split("|")
    return moment.replace("\u202f", " "), day


@pytest.mark.parametrize(
    ("zone", "moment", "day"),
    [
        ("Asia/Seoul", "Mar 2, 2026, 5:30:00 AM UTC+9", "Mar 2, 2026"),
        ("Asia/Calcutta", "Mar 2, 2026, 2:00:00 AM UTC+5:30", "Mar 2, 2026"),
        ("America/St_Johns", "Mar 1, 2026, 5:00:00 PM UTC-3:30", "Mar 1, 2026"),
        ("UTC", "Mar 1, 2026, 8:30:00 PM UTC", "Mar 1, 2026"),
        ("Etc/Unknown", "Mar 1, 2026, 9:30:00 PM UTC+1", "Mar 1, 2026"),
        ("../../etc/passwd", "Mar 1, 2026, 9:30:00 PM UTC+1", "Mar 1, 2026"),
        ("America", "Mar 1, 2026, 9:30:00 PM UTC+1", "Mar 1, 2026"),
        ("", "Mar 1, 2026, 9:30:00 PM UTC+1", "Mar 1, 2026"),
    ],
)
def test_time_is_told_in_the_readers_zone_by_its_name(
    monkeypatch: pytest.MonkeyPatch, zone: str, moment: str, day: str
) -> None:
    monkeypatch.setattr("django.conf.settings.READERS_ZONE", "Europe/Berlin")

    with override("en"):
        assert told(zone) == (moment, day)


def test_korean_says_the_half_of_the_day_in_korean() -> None:
    with override("ko"):
        assert told("Asia/Seoul") == ("2026. 3. 2. 오전 5:30:00 UTC+9", "2026. 3. 2.")


def test_zone_is_forgotten_after_the_reply() -> None:
    told("Asia/Seoul")

    with override("en"):
        assert spell_moment(LATE).endswith(" UTC")


def test_installation_that_names_no_zone_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DURE_TIMEZONE", "Korea/Seoul")
    with pytest.raises(Invalid) as refused:
        read_zone()
    monkeypatch.setenv("DURE_TIMEZONE", "Asia/Seoul")

    assert read_zone() == "Asia/Seoul"
    assert refused.value.sentence == (
        "DURE_TIMEZONE should be the name of a time zone, as in Asia/Seoul; got 'Korea/Seoul'."
    )
