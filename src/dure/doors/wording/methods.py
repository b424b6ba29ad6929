"""How verdicts are come by, in plain words; exports and the API give the method's own name."""

from __future__ import annotations

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

_METHODS = {
    "majority": _("The answer that most people gave wins."),
    "shared-accuracy": _("Everybody's answer counts the same."),
    "one-coin": _("Answers of people who are right more often count for more."),
    "dawid-skene": _("Answers of people who tell the options apart better count for more."),
    "task-difficulty": _("Answers of people who are right more often count for more."),
    "label-kinds": _("Answers of people who tick the right ones more often count for more."),
    "surprisingly-popular": _("The answer wins that more people gave than people expected."),
    "robust-mean": _("Numbers of people who are close to the others more often count for more."),
    "bradley-terry": _("Choices of people who agree with the others more often count for more."),
    "plackett-luce": _("Orders of people who agree with the others more often count for more."),
    "text-clusters": _(
        "Answers that are spelt nearly alike count as one, and those of people who are right more "
        "often count for more."
    ),
    "merged-boxes": _(
        "Boxes that lie on the same thing become one, and those of people who draw more exactly "
        "count for more."
    ),
}


def spell_method(name: str) -> str:
    """A method that this version does not know is called by its name."""
    sentence = _METHODS.get(name, name)
    return gettext(sentence) if sentence else ""
