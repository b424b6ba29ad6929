"""The mail by which somebody is invited to an organisation."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import override

from dure.people.inviting import seal_invitation
from dure.people.models import Invitation
from dure.reach.channels.email import send_mail


def mail_invitation(*, invitation_id: int, language: str, address: str) -> None:
    """Send the link of an invitation; `address` is where this installation is reached.

    Sent twice, after a crash, the second mail's link is the one that works.
    """
    invitation = Invitation.objects.select_related("organisation").get(pk=invitation_id)
    if invitation.used_at or invitation.revoked_at or not invitation.email:
        return
    assert invitation.organisation is not None, "the owner's link is never mailed"
    link = f"{address}/desk/welcome/{seal_invitation(invitation)}"
    with override(language):
        facts = {"organisation": invitation.organisation.name, "link": link}
        subject = _("Join %(organisation)s on Dure") % facts
        body = (
            _(
                "Hello,\n\nyou are invited to work with %(organisation)s on Dure. Open this link "
                "to begin:\n\n%(link)s\n\nIt works once, within seven days. If you did not expect "
                "it, do nothing."
            )
            % facts
        )
    send_mail(to=invitation.email, subject=" ".join(subject.split()), body=body)
