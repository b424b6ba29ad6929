"""What the phone's own code says, in each language, so that a switch needs no network."""

from __future__ import annotations

from functools import cache

from django.conf import settings
from django.conf.locale import LANG_INFO
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from dure.doors.wording.boxes import FORMS, Dictionary, words_of_boxes


@cache
def all_words() -> dict[str, Dictionary]:
    """A dictionary for each language of ours; see `speak` in drawing.js."""
    words = {}
    for language, _name in settings.LANGUAGES:
        with override(language):
            words[language] = {
                "language_name": LANG_INFO[language]["name_local"],
                **_flow(),
                **_over(),
                **_answers(),
                **_numbers(),
                **words_of_boxes(),
                **_news(),
            }
    return words


def _flow() -> Dictionary:
    return {
        "not_sure": _("Not sure"),
        "send": _("Send"),
        "undo": _("Undo"),
        "close": _("Close"),
        "saved": _("Saved. Thank you!"),
        "skipped": _("Passed on to somebody else."),
        "taken_back": _("Taken back. You can answer again."),
        "undo_over": _("Ten seconds have passed, so this answer stands."),
        "phone_full": _("Your phone has no room for the answer. Free some space and tap again."),
        "recording": _("The recording that this task is about"),
        "video": _("The video that this task is about"),
        "enlarge": _("Show the picture larger"),
        "thanks_n": [
            ngettext(
                "Your first answer is in. Thank you!", "That makes %(n)s answers. Thank you!", n
            )
            for n in FORMS
        ],
        "answered": [ngettext("You: %(n)s answer", "You: %(n)s answers", n) for n in FORMS],
        "waiting": [
            ngettext(
                "No connection. %(n)s answer is waiting on your phone.",
                "No connection. %(n)s answers are waiting on your phone.",
                n,
            )
            for n in FORMS
        ],
        "waiting_busy": [
            ngettext(
                "Busy just now. %(n)s answer will be sent in a moment.",
                "Busy just now. %(n)s answers will be sent in a moment.",
                n,
            )
            for n in FORMS
        ],
        "not_needed": [
            ngettext(
                "%(n)s answer was not needed: its task was answered already.",
                "%(n)s answers were not needed: their tasks were answered already.",
                n,
            )
            for n in FORMS
        ],
        "came_late": [
            ngettext(
                "%(n)s answer came after its time. We kept it, but it does not count.",
                "%(n)s answers came after their time. We kept them, but they do not count.",
                n,
            )
            for n in FORMS
        ],
    }


def _over() -> Dictionary:
    return {
        "fetching": _("One moment, please"),
        "fetching_more": _(
            "The next question is on its way. Without a connection it comes later; your answers are"
            " safe on your phone."
        ),
        "held": _("Others are working on the last tasks right now"),
        "held_more": _(
            "If one comes free, it appears here by itself. Thank you for wanting to help!"
        ),
        "look_again": _("Look again"),
        "none_free": _("Nothing has come free yet."),
        "came_free": _("One has come free for you. Here it is."),
    }


def _answers() -> Dictionary:
    return {
        "find_answer": _("Find your answer"),
        "more_answers": [
            ngettext("%(n)s more. Type to find it.", "%(n)s more. Type to find the right one.", n)
            for n in FORMS
        ],
        "none_found": _("Nothing fits. Try other letters."),
        "send_n": [ngettext("Send (%(n)s)", "Send (%(n)s)", n) for n in FORMS],
        "none_of_these": _("None of these"),
        "choose_any": _("Choose all that fit."),
        "choose_exactly": [ngettext("Choose one.", "Choose %(n)s.", n) for n in FORMS],
        "choose_at_least": [
            ngettext("Choose at least one.", "Choose at least %(n)s.", n) for n in FORMS
        ],
        "choose_at_most": [
            ngettext("Choose at most one.", "Choose at most %(n)s.", n) for n in FORMS
        ],
        "choose_between": _("Choose %(low)s to %(high)s."),
        "same": _("The same"),
        "your_words": _("Your words"),
        "letters": [
            ngettext("%(n)s of %(most)s letters", "%(n)s of %(most)s letters", n) for n in FORMS
        ],
        "words_between": _("Please write %(low)s to %(high)s letters."),
        "tap_in_order": _("Tap them in order, the first one first."),
        "start_over": _("Start over"),
        "send_first_n": [ngettext("Send the first one", "Send the first %(n)s", n) for n in FORMS],
        "place_is": [ngettext("Place %(n)s", "Place %(n)s", n) for n in FORMS],
        "place_taken": _("Its place is free again."),
    }


def _numbers() -> Dictionary:
    return {
        "your_number": _("Your number"),
        "slider": _("Your number, as a slider"),
        "number_example": _("Please write a number, for example 12 or 3.5."),
        "number_between": _("Please write a number from %(low)s to %(high)s."),
        "number_at_least": _("Please write a number of at least %(low)s."),
        "number_at_most": _("Please write a number of at most %(high)s."),
        "number_steps": _("In steps of %(step)s."),
        "how_many_of_100": _("How many of 100 others will say “%(answer)s”?"),
        "others_mean": _("What will the others say on average?"),
    }


def _news() -> Dictionary:
    return {
        "progress": _("about %(share)s done"),
        "just_begun": _("just begun"),
        "first_here": _("You are the first to answer that one."),
        "same_as_you": [
            ngettext(
                "On that one, %(same)s of %(n)s other said the same as you.",
                "On that one, %(same)s of %(n)s others said the same as you.",
                n,
            )
            for n in FORMS
        ],
        "others_said": [
            ngettext(
                "On that one, %(n)s other said %(mean)s.",
                "On that one, %(n)s others said %(mean)s on average.",
                n,
            )
            for n in FORMS
        ],
    }
