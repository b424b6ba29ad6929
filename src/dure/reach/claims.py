"""The mail that lets somebody keep what they did."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import override

from dure.people.claiming import seal_claim
from dure.people.models import Claim
from dure.reach.channels.email import send_mail


def mail_claim(*, claim_id: int, language: str, address: str) -> None:
    """Send the link of a claim; `address` is where this installation is reached.

    Sent twice, after a crash, the second mail's link is the one that works.
    """
    claim = Claim.objects.get(pk=claim_id)
    if claim.used_at is not None or claim.email is None:
        return
    link = f"{address}/keep/{seal_claim(claim)}"
    with override(language):
        subject = _("Keep what you did on Dure")
        body = _(
            "Hello,\n\nopen this link to keep what you did, on this device or another:\n\n"
            "%(link)s\n\nIt works once, within seven days. If you did not ask for it, "
            "do nothing; nobody gets your address."
        ) % {"link": link}
    send_mail(to=claim.email, subject=subject, body=body)
