"""One person by two keys: their work is counted as one person's."""

from __future__ import annotations

from django.db import connection, transaction

from dure.calls.tasks.answers import hash_key, new_key
from dure.clock import now
from dure.errors import WrongState
from dure.people.accounts import account_of
from dure.people.claiming import find_claim
from dure.people.models import Account, Contributor, Person, PersonKey


class OtherAccount(WrongState):
    """This browser is kept under another account already; use one that is not, or that account."""

    code = "other-account"


def merge_persons(*, person_id: int, into_id: int) -> bool:
    """Point one person to the other; False if they were one already.

    Where both had answered a task, the earlier answer that counts stays and the other is kept,
    marked as superseded.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select tasks_merge_persons(%s, %s)", [person_id, into_id])
        return bool(cursor.fetchone()[0])


def find_person(key: str | None) -> Person | None:
    """The person of a browser's key, after any merges; None if there is none."""
    if key is None:
        return None
    found = PersonKey.objects.filter(hash=hash_key(key), revoked_at=None).first()
    return Person.objects.get(pk=_root_of(found.person_id)) if found else None


def find_contributor(*, call_id: int, person: Person) -> Contributor | None:
    """Who the person is in a call; of several that were merged, the first."""
    with connection.cursor() as cursor:
        cursor.execute("select people_group(%s)", [person.pk])
        group = cursor.fetchone()[0]
    found = Contributor.objects.filter(call_id=call_id, person_id__in=group)
    return found.order_by("id").first()


def use_claim(*, token: str, key: str | None) -> str:
    """Go on as the claim's person, who becomes one with this browser's own, if it has one.

    Gives the key with which the browser goes on: its own, or a new one if it had none.

    A claim that was mailed proves its address: the person then belongs to that address's account,
    together with whoever was claimed by it before.
    """
    with transaction.atomic():
        _take_turns()
        claim = find_claim(token)
        claim.used_at = now()
        claim.save(update_fields=["used_at"])
        person = Person.objects.get(pk=_root_of(claim.person_id))
        if claim.email is not None:
            person = _belong_to(account_of(claim.email), person)
        return _go_on(person, key)


def keep_under(*, account: Account, key: str | None) -> str:
    """This browser's person belongs to an account whose owner has just proved who they are.

    Gives the key with which the browser goes on.
    """
    with transaction.atomic():
        _take_turns()
        person = find_person(key) or Person.objects.filter(account=account).first()
        person = _belong_to(account, person or Person.objects.create())
        return _go_on(person, key)


def _go_on(person: Person, key: str | None) -> str:
    own = find_person(key)
    if key is None or own is None:
        key = new_key()
        PersonKey.objects.create(person=person, hash=hash_key(key))
        return key
    _become_one(own, person)
    return key


def _belong_to(account: Account, person: Person) -> Person:
    """The account's person, with whom this one is merged; the first of an account is itself."""
    first = Person.objects.filter(account=account).order_by("pk").first()
    if first is None:
        if person.account_id not in (None, account.pk):
            raise OtherAccount
        Person.objects.filter(pk=person.pk).update(account=account)
        return Person.objects.get(pk=person.pk)
    root = Person.objects.get(pk=_root_of(first.pk))
    _become_one(person, root)
    return root


def _become_one(person: Person, into: Person) -> None:
    if person.pk == into.pk:
        return
    if person.account_id is not None and into.account_id not in (None, person.account_id):
        raise OtherAccount
    if person.account_id is not None and into.account_id is None:
        # The one who has an account stays the root, so that the account is found again.
        person, into = into, person
    merge_persons(person_id=person.pk, into_id=into.pk)


def _take_turns() -> None:
    """Until this transaction ends nobody else changes who is who: one link is used once."""
    with connection.cursor() as cursor:
        cursor.execute("select people_take_turns()")


def _root_of(person_id: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute("select people_root(%s)", [person_id])
        return int(cursor.fetchone()[0])
