"""Which texts go out compressed."""

from __future__ import annotations

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from dure.compressing import CompressTexts


def encoding_for(accepted: str) -> tuple[str | None, str]:
    request = RequestFactory().get("/", headers={"Accept-Encoding": accepted})
    compress = CompressTexts(lambda _request: HttpResponse("word " * 200))
    response = compress(request)
    assert isinstance(response, HttpResponse)
    return response.get("Content-Encoding"), response["Vary"]


@pytest.mark.parametrize("accepted", ["gzip", "br, gzip;q=0.5", "gzip;q=0.001", "gzip;q=1, *;q=0"])
def test_text_is_compressed_for_who_takes_it(accepted: str) -> None:
    assert encoding_for(accepted) == ("gzip", "Accept-Encoding")


@pytest.mark.parametrize("accepted", ["gzip;q=0", "br, gzip ; q=0.000", "GZIP;Q=0, identity", "br"])
def test_text_stays_as_it_is_for_who_does_not(accepted: str) -> None:
    assert encoding_for(accepted) == (None, "Accept-Encoding")
