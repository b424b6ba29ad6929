"""Wiring: texts go out compressed; pictures, sounds and parts of files as they are."""

from __future__ import annotations

import re

from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.utils.cache import patch_vary_headers

TEXTS = ("text/", "application/json", "application/manifest+json", "image/svg+xml")

# What is shorter Django leaves as it is.
BYTES_MIN = 200
# What Django takes for a wish, since the word is there.
REFUSES_GZIP = re.compile(r"\bgzip\s*;\s*q=0(\.0*)?\s*(,|$)", re.IGNORECASE)


class CompressTexts(GZipMiddleware):
    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        # A part of a file is counted in bytes of the file, which compressing would change. News
        # must not wait until there is enough of them to be worth it; and of a stream that Django
        # compresses piece by piece, Chromium saves the first piece alone.
        is_made_meanwhile = isinstance(response, StreamingHttpResponse) and response.is_async
        is_whole = response.status_code != 206 and not is_made_meanwhile
        if not is_whole or not response.get("Content-Type", "").startswith(TEXTS):
            return response
        if request.method == "HEAD" and int(response.get("Content-Length", "0")) >= BYTES_MIN:
            # Its content may be gone already, by whose length Django tells what it compresses.
            patch_vary_headers(response, ["Accept-Encoding"])
        if REFUSES_GZIP.search(request.headers.get("Accept-Encoding", "")):
            patch_vary_headers(response, ["Accept-Encoding"])
            return response
        return super().process_response(request, response)
