"""Words in a cell of a table that a spreadsheet may open."""

from __future__ import annotations

import re

RUNS = re.compile(r"'*[=+@\t\r-]")
NUMBER = re.compile(r"[+-]?[0-9]+([.][0-9]+)?")


def defuse(words: str) -> str:
    """Words that a spreadsheet would take for a formula, made plain by an apostrophe.

    As tasks_defuse does it in the database.
    """
    return f"'{words}" if RUNS.match(words) and not NUMBER.fullmatch(words) else words
