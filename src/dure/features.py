"""Wiring: what of a browser the pages may use; all that they have no need of is off."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.deprecation import MiddlewareMixin

OFF = (
    "accelerometer", "browsing-topics", "camera", "display-capture", "geolocation",
    "gyroscope", "hid", "idle-detection", "local-fonts", "magnetometer", "microphone", "midi",
    "payment", "screen-wake-lock", "serial", "usb", "xr-spatial-tracking",
)  # fmt: skip
# Passkeys, for our own pages alone: not for what they might hold in a frame.
OWN = ("publickey-credentials-create", "publickey-credentials-get")
# Browsers ask it of pages alone, and a page has twenty modules and styles.
PARTS = ("text/css", "text/javascript")
POLICY = ", ".join([*(f"{name}=()" for name in OFF), *(f"{name}=(self)" for name in OWN)])


class LimitFeatures(MiddlewareMixin):
    """Each page says so, whichever view or file it comes from."""

    def process_response(
        self,
        request: HttpRequest,  # noqa: ARG002
        response: HttpResponseBase,
    ) -> HttpResponseBase:
        if not response.get("Content-Type", "").startswith(PARTS):
            response.setdefault("Permissions-Policy", POLICY)
        return response
