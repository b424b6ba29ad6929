"""Wiring: Django's settings, from the environment and the data folder."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit
from zoneinfo import available_timezones

from django.utils.translation import gettext_lazy as _

from dure import postgres
from dure.addresses import read_names, read_networks
from dure.errors import Invalid

PACKAGE = Path(__file__).parent


def _secret_key() -> str:
    """The installation's secret: from the environment, else made once and kept in the folder."""
    if given := os.environ.get("DURE_SECRET_KEY"):
        return given
    file = postgres.data_folder() / "secret-key"
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        draft = file.with_suffix(f".{os.getpid()}")
        draft.write_text(secrets.token_urlsafe(48))
        draft.chmod(0o600)
        # Several processes may start at once; a hard link lets the first one win.
        try:
            file.hardlink_to(draft)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return file.read_text()


def _database(role: postgres.Role) -> dict[str, Any]:
    fields = postgres.connection_fields(role)
    named = {
        "NAME": fields.pop("dbname", ""),
        "USER": fields.pop("user", ""),
        "PASSWORD": fields.pop("password", ""),
        "HOST": fields.pop("host", ""),
        "PORT": fields.pop("port", ""),
    }
    return {"ENGINE": "django.db.backends.postgresql", **named, "OPTIONS": fields}


def _hosts() -> list[str]:
    return read_names(os.environ.get("DURE_HOSTS", "")) or ["localhost", "127.0.0.1", "[::1]"]


def _smtp() -> SplitResult:
    """The operator's mail server: smtp://user:password@host:587, or smtps:// for TLS throughout."""
    given = os.environ.get("DURE_SMTP", "")
    try:
        parts = urlsplit(given)
        is_fine = parts.port != 0 and parts.scheme in ("smtp", "smtps") and bool(parts.hostname)
    except ValueError:
        is_fine = False
    if given and not is_fine:
        # What was given may hold a password; it is not repeated.
        raise Invalid("DURE_SMTP should be like smtp://user:password@mail.example.org:587.")
    return parts


def read_rate(name: str, *, default: float) -> float:
    """Requests a second; 0 is no limit."""
    given = os.environ.get(name, "").strip()
    try:
        rate = float(given) if given else default
    except ValueError:
        rate = -1.0
    if not 0 <= rate < float("inf"):
        raise Invalid(
            "{name} should be a number of requests a second, or 0 for no limit; got {given!r}.",
            name=name,
            given=given,
        )
    return rate


def read_zone() -> str:
    """Whose time is shown to a reader whose browser has not told its own."""
    name = os.environ.get("DURE_TIMEZONE") or "UTC"
    if name not in available_timezones():
        raise Invalid(
            "DURE_TIMEZONE should be the name of a time zone, as in Asia/Seoul; got {name!r}.",
            name=name,
        )
    return name


SECRET_KEY = _secret_key()
DEBUG = False
# The operator names the hosts; without it only this machine's own names are answered.
ALLOWED_HOSTS = _hosts()
PUBLIC_ADDRESS = os.environ.get("DURE_ADDRESS", "")
IS_HTTPS = PUBLIC_ADDRESS.startswith("https://")
# Whose word on where a request came from is taken.
PROXIES = read_networks(os.environ.get("DURE_PROXIES", ""))
COLLECT_PERSON_RATE = read_rate("DURE_COLLECT_PERSON_RATE", default=20)
COLLECT_ADDRESS_RATE = read_rate("DURE_COLLECT_ADDRESS_RATE", default=1000)

INSTALLED_APPS = [
    "dure.outbox",
    "dure.people",
    "dure.ledger",
    "dure.calls",
    "dure.calls.shares",
    "dure.calls.tasks",
    "dure.reach",
    "dure.doors.desk",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "procrastinate.contrib.django",
    # A template of allauth, the list of passkeys, asks for it.
    "django.contrib.humanize",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "dure.features.LimitFeatures",
    "dure.compressing.CompressTexts",
    "dure.statics.ServeStatics",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "dure.doors.wording.zones.ReadersZone",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]
ROOT_URLCONF = "dure.urls"
ASGI_APPLICATION = "dure.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PACKAGE / "doors" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

DATABASES = {"default": _database("app"), "owner": _database("owner")}
# Shared by all processes, so that the limits on signing in hold for all of them together.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "people_cache",
    },
    # For each process alone: what is cheap to work out again.
    "here": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Each room keeps its background work in a module of this name.
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"

AUTH_USER_MODEL = "people.Account"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
    )
]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_ADAPTER = "dure.doors.desk.signing.Adapter"
ACCOUNT_FORMS = {"reset_password_from_key": "dure.doors.desk.signing.ResetForm"}
# An address is proved by the mails that Dure sends itself; see Account.proved_at.
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True
ACCOUNT_LOGOUT_REDIRECT_URL = "front"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_RATE_LIMITS = {"login_failed": "20/10m/ip,5/10m/key", "login": "60/m/ip"}
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "desk"
# Behind a proxy the address that it saw is the last one named.
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if IS_HTTPS else 0
MFA_SUPPORTED_TYPES = ["webauthn", "totp", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Dure"
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_FORMS = {
    "add_webauthn": "dure.doors.desk.signing.NewPasskeyForm",
    "login_webauthn": "dure.doors.desk.signing.PasskeyForm",
    "authenticate_webauthn": "dure.doors.desk.signing.SecondPasskeyForm",
    "reauthenticate_webauthn": "dure.doors.desk.signing.AgainPasskeyForm",
}
# Browsers let a page use passkeys over HTTPS only, or on localhost, where there is none.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not IS_HTTPS

SMTP = _smtp()
EMAIL_HOST = SMTP.hostname or ""
EMAIL_PORT = SMTP.port or (465 if SMTP.scheme == "smtps" else 587)
EMAIL_HOST_USER = unquote(SMTP.username or "")
EMAIL_HOST_PASSWORD = unquote(SMTP.password or "")
EMAIL_USE_SSL = SMTP.scheme == "smtps"
# A password is never said in the clear.
EMAIL_USE_TLS = SMTP.scheme == "smtp" and bool(EMAIL_HOST_USER)
EMAIL_TIMEOUT = 20  # seconds
DEFAULT_FROM_EMAIL = os.environ.get("DURE_MAIL_FROM", "dure@localhost")

# Without it there is no /metrics at all.
METRICS_TOKEN = os.environ.get("DURE_METRICS_TOKEN", "").strip()

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("ko", _("Korean"))]
LOCALE_PATHS = [PACKAGE / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
READERS_ZONE = read_zone()

STATIC_URL = "static/"
STATICFILES_DIRS = [PACKAGE / "doors" / "static"]
WHITENOISE_USE_FINDERS = True

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_CONTENT_TYPE_NOSNIFF = True
# Whoever once came by HTTPS comes by nothing else for a month.
SECURE_HSTS_SECONDS = 30 * 24 * 3600 if IS_HTTPS else 0
SECURE_REFERRER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if IS_HTTPS else None
CSRF_TRUSTED_ORIGINS = [PUBLIC_ADDRESS] if PUBLIC_ADDRESS else []
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "img-src": ["'self'", "https:", "data:"],
        "media-src": ["'self'", "https:"],
        "object-src": ["'none'"],
    }
}
# The largest body that any page takes: a ZIP of media, and what a form puts around it.
BODY_BYTES_MAX = 1100 * 2**20
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 2**20
DATA_UPLOAD_MAX_NUMBER_FILES = 1000

MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"seldom": {"()": "dure.logs.Seldom"}},
    "formatters": {"brief": {"()": "dure.logs.Brief"}},
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "filters": ["seldom"],
            "formatter": "brief",
        }
    },
    "root": {"handlers": ["console"], "level": os.environ.get("DURE_LOG", "WARNING")},
}
