"""What calls may be about: a short list, the same everywhere, so that people can look by it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from dure.errors import Invalid

TOPICS = {
    "nature": _("Nature"),
    "city": _("City and neighbourhood"),
    "culture": _("Culture and history"),
    "science": _("Science"),
    "language": _("Language"),
    "shopping": _("Shops and products"),
    "health": _("Health"),
    "learning": _("Learning"),
    "sport": _("Sport and play"),
}
TOPICS_MAX = 3


def check_topics(topics: object) -> list[str]:
    if not isinstance(topics, list) or len(topics) > TOPICS_MAX:
        raise Invalid("topics is a list of at most {most} topics.", most=TOPICS_MAX)
    for topic in topics:
        if not isinstance(topic, str) or topic not in TOPICS:
            raise Invalid(
                "A topic is one of {known}; got {topic!r:.40}.",
                known=", ".join(TOPICS),
                topic=topic,
            )
    return list(dict.fromkeys(topics))
