"""What drawing boxes on a picture says, on a phone and at the desk; see `speak` in drawing.js."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

Dictionary = dict[str, str | list[str]]

# What counts has a form for one and a form for more; what is put in stays open.
FORMS = (1, 2)


def words_of_boxes() -> Dictionary:
    """In the language of now."""
    return {
        "picture": _("The picture that this task is about"),
        "draw_boxes": _("Draw a box around each: drag, or tap two corners."),
        "second_corner": _("Now tap the opposite corner."),
        "add_box": _("Add a box"),
        "adjust": _("Adjust"),
        "edit_box": _("Change this box"),
        "delete_box": _("Delete"),
        "label": _("What is it?"),
        "box_n": _("Box %(n)s"),
        "boxes": [ngettext("%(n)s box", "%(n)s boxes", n) for n in FORMS],
        "send_boxes": [ngettext("Send %(n)s box", "Send %(n)s boxes", n) for n in FORMS],
        "nothing_there": _("Nothing there"),
        "zoom_in": _("Zoom in"),
        "zoom_out": _("Zoom out"),
        "move_picture": _("Move the picture"),
        "move_left": _("Left"),
        "move_right": _("Right"),
        "move_up": _("Up"),
        "move_down": _("Down"),
        "narrower": _("Narrower"),
        "wider": _("Wider"),
        "lower": _("Shorter"),
        "taller": _("Taller"),
    }
