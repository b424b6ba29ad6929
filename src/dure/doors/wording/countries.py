"""Countries by their names in the reader's language."""

from __future__ import annotations

from babel.core import Locale

from dure.people.payees import COUNTRIES


def name_countries(language: str) -> list[dict[str, str]]:
    """By their names in a language, Korea first, as most who come are there."""
    names = Locale.parse(language.replace("-", "_")).territories
    found = [{"value": code, "name": names.get(code, code)} for code in COUNTRIES]
    return sorted(found, key=lambda one: (one["value"] != "KR", one["name"]))
