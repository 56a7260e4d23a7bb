"""Settings, read once from OVERREAD_ environment variables (docs/reference/settings.md)."""

import os
import secrets
from importlib.metadata import version
from pathlib import Path
from urllib.parse import unquote, urlsplit

from overread.core.addresses import Allowed

_USER_DATA = Path(os.environ.get("XDG_DATA_HOME") or "~/.local/share") / "overread"
HOME = Path(os.environ.get("OVERREAD_HOME") or _USER_DATA).expanduser().absolute()
DEBUG = os.environ.get("OVERREAD_DEBUG", "") == "1"
URL = os.environ.get("OVERREAD_URL", "").rstrip("/")
VERSION = version("overread")
# Hosts and networks beside the public internet from which images may be fetched.
FETCH_ALLOW = os.environ.get("OVERREAD_FETCH_ALLOW", "")
try:
    Allowed.parse(FETCH_ALLOW)
except ValueError as error:
    raise SystemExit(
        f"OVERREAD_FETCH_ALLOW: {error}; give host names and networks, such as pacs.example,"
        " .hospital.example, 10.1.0.0/16"
    ) from None


def _secret() -> str:
    """The installation's secret: given, else made once and kept in OVERREAD_HOME."""
    given = os.environ.get("OVERREAD_SECRET_KEY")
    if given:
        return given
    path = HOME / "secret"
    if not path.exists():
        HOME.mkdir(parents=True, exist_ok=True, mode=0o700)
        made = HOME / f".secret-{os.getpid()}"
        made.touch(mode=0o600)
        made.write_text(secrets.token_urlsafe(48))
        try:
            os.link(made, path)  # the first of two processes wins; both read the same
        except FileExistsError:
            pass
        finally:
            made.unlink()
    return path.read_text()


def _database(url: str) -> dict[str, object]:
    if not url:
        return _sqlite(HOME / "overread.sqlite3")
    parts = urlsplit(url)
    if parts.scheme not in {"postgresql", "postgres"}:
        raise SystemExit(
            "OVERREAD_DATABASE_URL: only postgresql:// is known; leave it out for SQLite"
        )
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
    }


def _sqlite(path: Path) -> dict[str, object]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": (
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                # What is deleted is overwritten, not only let go: cells and previews name patients.
                " PRAGMA secure_delete=ON;"
            ),
        },
        "TEST": {"NAME": path.with_suffix(".test.sqlite3")},
    }


SECRET_KEY = _secret()
DATABASES = {
    "default": _database(os.environ.get("OVERREAD_DATABASE_URL", "")),
    # The task queue has a file of its own, so that its polling never meets a judgment.
    "tasks": _sqlite(HOME / "tasks.sqlite3"),
}
DATABASE_ROUTERS = ["overread.store.tasks.TaskRouter"]
BLOBS = HOME / "blobs"
UPLOADS = HOME / "uploads"
# Archives to fetch from, and who may push (docs/reference/pacs.md).
PACS = Path(os.environ.get("OVERREAD_PACS") or HOME / "pacs.toml").expanduser().absolute()

_public = urlsplit(URL)
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]", *filter(None, [_public.hostname])]
CSRF_TRUSTED_ORIGINS = [URL] if URL else []
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _public.scheme == "https"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _public.scheme == "https" else None

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django_tasks",
    "django_tasks_db",
    "overread.store",
    "overread.web",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "overread.web.headers.security_headers",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
ROOT_URLCONF = "overread.web.routes"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        # Documents that leave the house are written by flows, pages by web.
        "DIRS": [Path(__file__).parent / "flows" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "overread.web.access.viewer",
            ],
        },
    }
]
TASKS = {
    "default": {
        "BACKEND": "django_tasks_db.DatabaseBackend",
        "OPTIONS": {"queues": ["default"]},
    }
}

AUTH_USER_MODEL = "store.User"
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
# Signed cookies: a page view needs no write, and the judging routes no session look-up.
SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_NAME = "overread_session"
CSRF_COOKIE_NAME = "overread_csrf"
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"
LOGIN_URL = "/sign-in"
# "no-referrer" would make browsers send "Origin: null" with forms, which the CSRF check refuses.
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"

DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
DATA_UPLOAD_MAX_NUMBER_FILES = 20_000
# Files of uploads have a handler of their own. No other may lie in the system's temporary folder,
# where a killed server would leave it: a list of accession numbers leads to patients.
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]

USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("es", "Español")]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
STATIC_URL = "/static/"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {"django.request": {"level": "ERROR"}},
}
