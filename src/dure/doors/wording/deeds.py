"""What was done, as the history tells it: a sentence for each deed, and its facts in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.utils.translation import gettext_lazy as _

from dure.calls.models import Export
from dure.doors.wording.saying import spell_money, spell_number
from dure.people.models import Role, Scope

# By the action that the audit log holds; a row is never changed, so none of these goes away.
DEEDS = {
    "create call": _("Made a call"),
    "change call": _("Changed a draft"),
    "discard call": _("Threw a draft away"),
    "open call": _("Opened a call"),
    "pause call": _("Paused a call"),
    "close call": _("Closed a call"),
    "reveal call": _("Revealed the answers"),
    "add tasks": _("Added tasks"),
    "remove tasks": _("Took tasks out"),
    "rule task": _("Ruled a task"),
    "export": _("Took results home"),
    "export ledger": _("Took the ledger home"),
    "save template": _("Saved a template"),
    "remove template": _("Removed a template"),
    "rehearse": _("Let a simulated crowd answer"),
    "stop rehearsal": _("Stopped a simulated crowd"),
    "add media": _("Uploaded a file"),
    "better promise": _("Promised more"),
    "pay in": _("Paid money in"),
    "pay back": _("Took unused money back"),
    "record gain": _("Recorded a gain"),
    "correct gain": _("Corrected a gain"),
    "propose settlement": _("Worked out who gets what"),
    "approve settlement": _("Approved a settlement"),
    "withdraw settlement": _("Withdrew a settlement"),
    "take back settlement": _("Asked to take a settlement back"),
    "download settlement": _("Took a settlement's shares home"),
    "set approval limit": _("Set from which amount two members decide"),
    "answer inquiry": _("Answered a contributor's question"),
    "create token": _("Made an API key"),
    "revoke token": _("Revoked an API key"),
    "invite": _("Invited somebody"),
    "take back invitation": _("Took an invitation back"),
    "join": _("Joined"),
    "change role": _("Changed a role"),
    "remove member": _("Removed a member"),
    "create organisation": _("Founded the organisation"),
    "change organisation": _("Changed the settings"),
    "change password": _("Changed their password"),
    "set password": _("Set a password"),
    "reset password": _("Set a new password by a link"),
    "add passkey": _("Added a passkey"),
    "remove passkey": _("Removed a passkey"),
    "add authenticator app": _("Turned on codes of an authenticator app"),
    "remove authenticator app": _("Turned off codes of an authenticator app"),
    "make recovery codes": _("Made recovery codes"),
    "remove recovery codes": _("Removed the recovery codes"),
    "make payouts": _("Made payouts"),
    "release payouts": _("Released payouts"),
    "cancel payouts": _("Cancelled payouts"),
    "mark payouts paid": _("Marked payouts as paid"),
    "return payout": _("Marked a payout as returned"),
    "leave payout out": _("Left a payout out"),
    "take payout file": _("Took a file for the bank home"),
    "remit withheld": _("Remitted what was withheld"),
    "record fee": _("Wrote a fee down"),
    "change payout rules": _("Changed the rules of payouts"),
}
# What a change of a draft may name.
COLUMNS = {
    "title": _("title"),
    "brief": _("description"),
    "question": _("question"),
    "answers_min": _("fewest answers"),
    "answers_max": _("most answers"),
    "answers_target": _("certainty wanted"),
    "lease_s": _("time for a task"),
    "visibility": _("who sees answers"),
    "promise": _("reward"),
    "language": _("language"),
    "topics": _("topics"),
}
# What a change of the rules of payouts may name.
RULES = {
    "threshold": _("from how much on"),
    "withholding": _("a rule of withholding"),
    "withholding_ended": _("the end of a rule of withholding"),
    "sheet": _("the table for the bank"),
    "payer": _("the account that pays"),
}
# What was taken home and is no kind of export.
TAKEN = {"table": _("results as a table")}
FACTS = {
    "changed": _("What changed"),
    "added": _("How many"),
    "removed": _("How many"),
    "task": _("Task"),
    "value": _("True is"),
    "reason": _("Why"),
    "what": _("What of it"),
    "form": _("As"),
    "name": _("Name"),
    "scope": _("May"),
    "role": _("Role"),
    "before": _("Before"),
    "after": _("Now"),
    "slug": _("In addresses"),
    "money": _("Amount"),
    "note": _("Note"),
    "number": _("Settlement"),
    "reference": _("Reference"),
}


def spell_deed(action: str) -> str:
    return str(DEEDS.get(action, action))


def find_deeds(words: str) -> list[str]:
    """The actions whose sentence holds the words, in the reader's language."""
    return [action for action, deed in DEEDS.items() if words.casefold() in str(deed).casefold()]


def spell_facts(facts: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """What each fact is called, and what it says."""
    for name, value in facts.items():
        if value is not None:
            yield str(FACTS.get(name, name)), _SPELLERS.get(name, str)(value)


def _spell_columns(names: list[str]) -> str:
    return ", ".join(str(COLUMNS.get(name, name)) for name in names)


def _spell_choice(choices: Any) -> Callable[[str], str]:
    return lambda value: str(dict(choices.choices).get(value, value))


def _spell_what(value: str) -> str:
    return str(RULES.get(value) or TAKEN.get(value) or _spell_choice(Export.What)(value))


_SPELLERS: dict[str, Callable[[Any], str]] = {
    "changed": _spell_columns,
    "added": spell_number,
    "removed": spell_number,
    "money": lambda money: spell_money(money["amount_minor"], money["currency"]),
    "number": str,
    "what": _spell_what,
    "form": str.upper,
    "scope": _spell_choice(Scope),
    "role": _spell_choice(Role),
    "before": _spell_choice(Role),
    "after": _spell_choice(Role),
}
