"""Settings of the test site: a shop that receives its catalogue from 1C. Everything variable comes from SITE_*."""
import os
from pathlib import Path

SITE_DIRECTORY = Path(os.environ.get("SITE_DIRECTORY", "/tmp/obmen-site"))

# The secret that 1C and the site share, as the site instruction puts it into settings.py.
API_TOKEN = os.environ.get("SITE_TOKEN", "test-token")
# "strings" (what the instruction prints) or "objects": the form of one element of `errors`.
ERROR_FORM = os.environ.get("SITE_ERRORS", "strings")
# False makes a site that has never heard of Idempotency-Key, like the one in the instruction.
HONOUR_IDEMPOTENCY_KEY = os.environ.get("SITE_IDEMPOTENCY", "1") == "1"

SECRET_KEY = "only-for-tests"
DEBUG = False
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "shop.urls"
WSGI_APPLICATION = "shop.wsgi.application"
INSTALLED_APPS = ["catalogue"]
MIDDLEWARE = ["django.middleware.common.CommonMiddleware", "catalogue.compression.GunzipRequest"]

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": SITE_DIRECTORY / "site.sqlite3",
        "OPTIONS": {
            # Several workers write: take the write lock at the beginning and wait for it.
            "transaction_mode": "IMMEDIATE",
            "timeout": float(os.environ.get("SITE_DATABASE_TIMEOUT", "30")),
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        },
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

MEDIA_ROOT = SITE_DIRECTORY / "uploads"
# Django's own default is 2.5 MB; a larger body is answered with 413.
DATA_UPLOAD_MAX_MEMORY_SIZE = int(os.environ.get("SITE_MAX_BODY", str(16 * 1024 * 1024)))
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

LANGUAGE_CODE = "ru"
USE_TZ = True
TIME_ZONE = "Europe/Moscow"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"stderr": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    # Answers with 4xx are what the tests ask for, not news.
    "loggers": {"django.request": {"level": "ERROR"}},
}
