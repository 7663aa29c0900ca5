"""Django's settings. What differs from place to place comes from `environment`; everything else is decided here."""

from __future__ import annotations

import os
from datetime import date

from csp.constants import NONE, SELF
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from chunfeng.site import environment

SECRETS = environment.load_secrets()
LOAD_SECRETS, SAVE_SECRETS = environment.load_secrets, environment.write_secrets
"""Read again while running, so that a new key is known without a restart (vault.keys)."""
DATA = environment.data_folder()
WORK = environment.work_folder()
LOCAL = os.environ.get("CHUNFENG_LOCAL") == "1"
"""On this machine alone, without TLS: what `demo` sets."""
TODAY = (
    date.fromisoformat(os.environ["CHUNFENG_TODAY"]) if LOCAL and os.environ.get("CHUNFENG_TODAY") else None
)
"""The day a demonstration stands on (places.days); never anywhere else."""
BEHIND_PROXY = os.environ.get("CHUNFENG_PROXY") == "1"
"""nginx stands in front: its word counts on how a request came and from where."""

SECRET_KEY = SECRETS.django
DEBUG = False
ALLOWED_HOSTS = os.environ.get("CHUNFENG_HOSTS", "localhost 127.0.0.1 [::1]").split()
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS if not LOCAL and host != "*"]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.forms",
    "django_htmx",
    "django_cotton.apps.SimpleAppConfig",
    "axes",
    "procrastinate.contrib.django",
    "chunfeng.ui",
    "chunfeng.apps.vault",
    "chunfeng.apps.gate",
    "chunfeng.apps.places",
    "chunfeng.apps.accounts",
    "chunfeng.apps.audit",
    "chunfeng.apps.campaigns",
    "chunfeng.apps.intake",
    "chunfeng.apps.registry",
    "chunfeng.apps.recognition",
    "chunfeng.apps.policies",
    "chunfeng.apps.matching",
    "chunfeng.apps.travel",
    "chunfeng.apps.desk",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "chunfeng.site.proxied.ProxiedAddressMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "chunfeng.apps.audit.middleware.RequestIdMiddleware",
    "chunfeng.site.logs.RequestLogMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "chunfeng.site.caching.NobodyKeepsMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "chunfeng.site.wellformed.NoNullCharactersMiddleware",
    "chunfeng.apps.accounts.middleware.ScopeMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "chunfeng.site.urls"
WSGI_APPLICATION = "chunfeng.site.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": False,
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django_cotton.cotton_loader.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "builtins": [
                "django_cotton.templatetags.cotton",
                "django.templatetags.i18n",
                "django.templatetags.static",
                "chunfeng.apps.accounts.templatetags.worn",
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.csrf",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "chunfeng.apps.accounts.context.hats",
                "chunfeng.apps.campaigns.context.campaigns",
                "chunfeng.site.navigation.navigation",
            ],
        },
    }
]
COTTON_DIR = "cotton"
FORM_RENDERER = "chunfeng.ui.forms.Renderer"

# --- database: the web role owns nothing; only commands that change tables log in as the owner ----------------------

AS_OWNER = os.environ.get("CHUNFENG_AS_OWNER") == "1"
_ROLE = environment.OWNER_ROLE if AS_OWNER else environment.WEB_ROLE
DATABASES = {
    "default": environment.database(_ROLE, SECRETS) | {"CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True}
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- who -------------------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "chunfeng.apps.accounts.passwords.ThreeClassesValidator"},
]
LOGIN_URL = reverse_lazy("signin")
LOGIN_REDIRECT_URL = reverse_lazy("home")
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = "chunfeng.apps.accounts.typed.locked_by"
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address", "csrfmiddlewaretoken", "next"]
"""Kept covered with each failure: `next` may say whom somebody searched for."""
AXES_USERNAME_CALLABLE = "chunfeng.apps.accounts.typed.name"
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_TEMPLATE = "accounts/locked.html"
AXES_VERBOSE = False
AXES_ENABLE_ADMIN = False

MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
"""In the session: what a message tells of a person is in no cookie."""
SESSION_COOKIE_AGE = 8 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_IDLE_SECONDS = 30 * 60
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not LOCAL
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "chunfeng.ui.views.csrf_failure"

# --- transport -------------------------------------------------------------------------------------------------------

SECURE_SSL_REDIRECT = not LOCAL
SECURE_REDIRECT_EXEMPT = [r"^health$"]
SECURE_HSTS_SECONDS = 0 if LOCAL else 365 * 86_400
SECURE_HSTS_INCLUDE_SUBDOMAINS = not LOCAL
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [SELF],
        "frame-ancestors": [NONE],
        "manifest-src": [SELF],
    }
}

# --- uploads ---------------------------------------------------------------------------------------------------------

DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_TEMP_DIR = environment.incoming_folder()  # larger ones: not in /tmp, where others look
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "chunfeng.site.uploads.NamelessUploadHandler",
]
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000
UPLOAD_LIMIT = 200 * 1024 * 1024
"""Bytes of one file as sent."""

# --- language and time -----------------------------------------------------------------------------------------------

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [environment.ROOT / "src/chunfeng/locale"]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

# --- static files ----------------------------------------------------------------------------------------------------

STATIC_URL = "static/"
STATIC_ROOT = DATA / "static"
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": DATA / "files"},
    },
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
MAP_NOTICE = os.environ.get("CHUNFENG_MAP_NOTICE") or _(
    "底图：天地图（国家地理信息公共服务平台），审图号以公开发布前核对为准"
)

# --- what is shown and given out -------------------------------------------------------------------------------------

REVEALS_PER_DAY = 100
"""Full numbers one user may look at in a day."""
EXPORT_APPROVAL_ROWS = 200
"""Above so many rows another must approve an export."""
EXPORT_ROWS = 100_000
EXPORT_DAYS = 7
"""How long the file of an export is kept."""
MESSAGE_CHANNEL = "chunfeng.apps.accounts.messages.Outbox"
"""What carries text messages; the outbox keeps them on this machine."""

# --- jobs, log -------------------------------------------------------------------------------------------------------

PROCRASTINATE_READONLY_MODELS = True
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "chunfeng.site.logs.JsonLine"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": os.environ.get("CHUNFENG_LOG", "INFO")},
    "loggers": {"axes": {"level": "WARNING"}, "procrastinate": {"level": "WARNING"}},
}
SILENCED_SYSTEM_CHECKS = ["axes.W006", "files.E001", "security.W021"]
"""The folder of uploads is made when the web server starts, after the first commands ran.
A county sits behind one address: locking that would lock everybody out, so a name is locked, as tried from there.
Whether a domain is on the browsers' preload list is for its owner to say, not for one of its servers."""
