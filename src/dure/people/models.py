from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext_lazy as _


class AccountManager(BaseUserManager["Account"]):
    def create_user(
        self, email: str | None = None, password: str | None = None, **fields: Any
    ) -> Account:
        lower = self.normalize_email(email).lower() if email else None
        account = self.model(email=lower, **fields)
        account.set_password(password)
        account.save(using=self._db)
        return account


class Account(AbstractBaseUser, PermissionsMixin):
    """Someone who can sign in: an organiser, or a contributor who claimed their work."""

    # Whoever keeps their work with a passkey alone has told us no address.
    email = models.EmailField(unique=True, null=True)
    name = models.CharField(max_length=120, blank=True)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    joined_at = models.DateTimeField(auto_now_add=True)
    # When its owner showed that the address is theirs: work that is claimed by mail belongs to no
    # account that merely says so.
    proved_at = models.DateTimeField(null=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = AccountManager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(email=Func(F("email"), function="lower")), name="email_is_lower_case"
            ),
        ]

    def __str__(self) -> str:
        return self.email or self.name or f"account {self.pk}"


class Organisation(models.Model):
    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    # What its page in public says of it.
    about = models.TextField(default="", db_default="")
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.slug


class Role(models.TextChoices):
    OWNER = "owner", _("owner")
    EDITOR = "editor", _("editor")
    TREASURER = "treasurer", _("treasurer")
    READER = "reader", _("reader")


class Membership(models.Model):
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="memberships")
    account = models.ForeignKey(Account, models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=12, choices=Role)
    since = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint("organisation", "account", name="one_role_per_member"),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="role_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.account} {self.role} {self.organisation}"


class Invitation(models.Model):
    """A link, good for one use, by which somebody becomes a member; only its hash is kept.

    One without an organisation is the owner's link of a new installation.
    """

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, related_name="invitations"
    )
    role = models.CharField(max_length=12, choices=Role)
    # To whom it was mailed; empty if the inviter passes the link on.
    email = models.EmailField(null=True)
    hash = models.BinaryField(unique=True, null=True)
    by = models.CharField(max_length=120)
    created_at = models.DateTimeField()
    until = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    used_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="invitations")
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(role__in=Role.values), name="invitation_role_is_known"
            ),
            models.CheckConstraint(
                condition=Q(used_at=None, used_by=None)
                | Q(used_at__isnull=False, used_by__isnull=False),
                name="invitation_is_used_by_somebody",
            ),
        ]
        indexes = [models.Index("organisation", "id", name="invitations_by_organisation")]

    def __str__(self) -> str:
        return f"invitation {self.pk} as {self.role}"


class Scope(models.TextChoices):
    ORGANISE = "organise", _("organise")
    READ = "read", _("read")


class ApiToken(models.Model):
    """A key to one organisation's API; only its hash is kept."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="tokens")
    hash = models.BinaryField(unique=True)
    scope = models.CharField(max_length=12, choices=Scope)
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(scope__in=Scope.values), name="scope_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} {self.scope}"


class Person(models.Model):
    """A contributor across calls, known by the keys of their browsers; no name, no address."""

    account = models.ForeignKey(Account, models.PROTECT, null=True, related_name="persons")
    created_at = models.DateTimeField(db_default=Func(function="now"))

    def __str__(self) -> str:
        return f"person {self.pk}"


class PersonKey(models.Model):
    """What one browser holds to be known again; only its hash is kept."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="keys")
    hash = models.BinaryField(unique=True)
    created_at = models.DateTimeField(db_default=Func(function="now"))
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"key of person {self.person_id}"


class PersonMerge(models.Model):
    """Two persons turned out to be one; the row points, nothing is rewritten."""

    person = models.OneToOneField(Person, models.PROTECT, primary_key=True, related_name="merge")
    into = models.ForeignKey(Person, models.PROTECT, related_name="merged_from")
    at = models.DateTimeField(db_default=Func(function="now"))

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(person=F("into")), name="merge_is_of_two_persons"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} is {self.into_id}"


class Contributor(models.Model):
    """A person in one call, under a pseudonym of that call's own."""

    pk = models.CompositePrimaryKey("call_id", "id")
    call_id = models.BigIntegerField()
    id = models.BigIntegerField(db_default=Func(Value("people_contributor_id"), function="nextval"))
    person = models.ForeignKey(Person, models.PROTECT, related_name="contributors")
    pseudonym = models.CharField(max_length=20)
    # The tag of the link they first came by, such as "poster"; empty if it had none.
    source = models.CharField(max_length=30, db_default="")
    # Where this contributor's search for the next task goes on.
    cursor = models.BigIntegerField(db_default=0)
    joined_at = models.DateTimeField(db_default=Func(function="now"))

    class Meta:
        constraints = [
            # The call stands last: with it first, checks of foreign keys, planned while a call had
            # few people, went by these indexes and read all of its people for each answer.
            models.UniqueConstraint(
                "person", "call_id", name="one_contributor_per_person_per_call"
            ),
            models.UniqueConstraint("pseudonym", "call_id", name="one_contributor_per_pseudonym"),
        ]

    def __str__(self) -> str:
        return self.pseudonym


class Claim(models.Model):
    """A link, good for one use, by which a person goes on in another browser or under an address.

    Only the hash of what it says is kept; one that waits to be mailed has none yet.
    """

    person = models.ForeignKey(Person, models.PROTECT, related_name="claims")
    hash = models.BinaryField(unique=True, null=True)
    email = models.EmailField(null=True)
    created_at = models.DateTimeField()
    until = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index("person", "created_at", name="claims_by_person"),
            models.Index("email", "created_at", name="claims_by_email"),
        ]

    def __str__(self) -> str:
        return f"claim of person {self.person_id}"


class Credit(models.Model):
    """The name under which a contributor wants to be thanked in public; gone when they say so."""

    pk = models.CompositePrimaryKey("call_id", "contributor_id")
    call_id = models.BigIntegerField()
    contributor_id = models.BigIntegerField()
    name = models.CharField(max_length=60)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class Payee(models.Model):
    """How a person wants to be paid; gone when they say so."""

    class Kind(models.TextChoices):
        KR_BANK = "kr_bank", _("bank in Korea")
        IBAN = "iban", _("account with an IBAN")
        OTHER = "other", _("another way")

    person = models.OneToOneField(Person, models.PROTECT, primary_key=True, related_name="payee")
    kind = models.CharField(max_length=8, choices=Kind)
    holder = models.CharField(max_length=70)
    # Two letters of ISO 3166.
    country = models.CharField(max_length=2)
    # The three digits of a bank in Korea, or a BIC, which may be empty.
    bank = models.CharField(max_length=11, blank=True)
    account = models.CharField(max_length=34, blank=True)
    # Where to send money any other way.
    lines = models.TextField(blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["kr_bank", "iban", "other"]), name="payee_kind_is_known"
            ),
            models.CheckConstraint(
                condition=Q(country__regex="^[A-Z]{2}$"), name="payee_country_is_two_capitals"
            ),
            models.CheckConstraint(
                condition=Q(kind="other", account="") & ~Q(lines="")
                | ~Q(kind="other") & ~Q(account="") & Q(lines=""),
                name="payee_has_an_account_or_lines",
            ),
        ]

    def __str__(self) -> str:
        # Never what it says: it would end up in a log one day.
        return f"payee of person {self.person_id}"


class AuditEntry(models.Model):
    """Who did what to what; rows are only ever added."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="audit")
    at = models.DateTimeField()
    by = models.CharField(max_length=120)
    action = models.CharField(max_length=60)
    thing = models.CharField(max_length=120)
    facts = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index("organisation", "id", name="audit_by_organisation")]

    def __str__(self) -> str:
        return f"{self.by} {self.action} {self.thing}"
