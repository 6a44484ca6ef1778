"""Accounts: passwords, throttled logins, trusted proxies, login by a proxy's header."""

from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network, ip_network

from batchsite.settings import env
from jobs.processes.environ import take_secret

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
ADMIN_PASSWORD = take_secret("ADMIN_PASSWORD")
"""Of the account that the first start makes. No process that is started from here gets it."""

LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "login"

UNIX = "unix"


def networks(names: list[str]) -> list[IPv4Network | IPv6Network]:
    """Addresses and networks. Raises BadSetting for what is neither."""
    try:
        return [ip_network(name) for name in names if name != UNIX]
    except ValueError as error:
        raise env.BadSetting(
            "TRUSTED_PROXIES",
            ",".join(names),
            f"holds something else than addresses and networks ({error})",
            "Write it like 127.0.0.1,10.0.0.0/8; “unix” stands for a unix socket.",
        ) from None


_PROXIES = env.names("TRUSTED_PROXIES")
TRUSTED_PROXIES = networks(_PROXIES)
"""Peers that set `X-Forwarded-For` and, if it is in use, `REMOTE_USER_HEADER` themselves."""
TRUST_UNIX_SOCKET = UNIX in _PROXIES

REMOTE_USER_HEADER = env.text("REMOTE_USER_HEADER")
REMOTE_USER_VARIABLE = f"HTTP_{REMOTE_USER_HEADER.upper().replace('-', '_')}"
if REMOTE_USER_HEADER and not REMOTE_USER_HEADER.replace("-", "").isalnum():
    raise env.BadSetting(
        "REMOTE_USER_HEADER",
        REMOTE_USER_HEADER,
        "is not the name of a header",
        "Write it like X-Remote-User.",
    )
if REMOTE_USER_HEADER and not _PROXIES:
    raise env.BadSetting(
        "REMOTE_USER_HEADER",
        REMOTE_USER_HEADER,
        "would let anyone log in as anyone, since TRUSTED_PROXIES is empty",
        "Set TRUSTED_PROXIES to the addresses of the proxies that set this header.",
    )

LOGIN_FAILURE_LIMIT = env.number("LOGIN_FAILURE_LIMIT", 10, least=0, most=1_000_000)
LOGIN_LOCK_MINUTES = env.number("LOGIN_LOCK_MINUTES", 15, least=1, most=100_000)

AUTHENTICATION_BACKENDS = [
    # First, because it refuses a locked account before its password is checked.
    "batchsite.logins.LoginThrottleBackend",
    "django.contrib.auth.backends.ModelBackend",
]
if REMOTE_USER_HEADER:
    AUTHENTICATION_BACKENDS.append("batchsite.proxy_login.ProxyLoginBackend")

AXES_ENABLED = LOGIN_FAILURE_LIMIT > 0
AXES_HANDLER = "batchsite.logins.LoginThrottle"
AXES_FAILURE_LIMIT = LOGIN_FAILURE_LIMIT
AXES_COOLOFF_TIME = timedelta(minutes=LOGIN_LOCK_MINUTES)
AXES_LOCKOUT_CALLABLE = "batchsite.logins.locked_out"
AXES_CLIENT_IP_CALLABLE = "batchsite.clients.client_address"
# What a successful login forgets: failures of this account from this address, and no others.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_DISABLE_ACCESS_LOG = True
AXES_VERBOSE = False
# The log shows the address, but not the name: people type their password there, too.
AXES_SENSITIVE_PARAMETERS = ["username"]
