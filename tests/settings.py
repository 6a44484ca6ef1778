"""Settings of the tests: the site's own, with nothing taken from the caller's environment."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

_READ = (
    "PORT LIBRARY_ROOT DATABASE_URL REDIS_URL OPERATIONS_FILE EXTRA_APPS LOGIN_REQUIRED WORKERS "
    "ADMIN_PASSWORD DJANGO_SECRET_KEY DJANGO_DEBUG DJANGO_ALLOWED_HOSTS DJANGO_HTTPS LOG_LEVEL "
    "LOG_LINES_PER_SECOND WEB_THREADS MAX_BODY_MB HOST "
    "TRUSTED_PROXIES REMOTE_USER_HEADER LOGIN_FAILURE_LIMIT LOGIN_LOCK_MINUTES"
)
for _name in (*_READ.split(), *(name for name in os.environ if name.startswith("JOBS_"))):
    os.environ.pop(_name, None)

_folder = Path(tempfile.mkdtemp(prefix="batchsite-tests-"))
_owner = os.getpid()


@atexit.register
def _remove() -> None:
    # Processes that a test forks run this too; the folder is not theirs.
    if os.getpid() == _owner:
        shutil.rmtree(_folder, ignore_errors=True)


os.environ["DATA_DIR"] = str(_folder)
os.environ["DJANGO_SECRET_KEY"] = "only-for-tests-only-for-tests-only-for-tests-only"
(_folder / "library").mkdir()
(_folder / "static").mkdir()

from batchsite.settings import *  # noqa: E402

# A file, as in real life: SQLite's shared memory databases lock in another way.
DATABASES["default"]["TEST"] = {"NAME": str(_folder / "test.sqlite3")}
# Else every new test client would list all static files, for 70 ms.
WHITENOISE_AUTOREFRESH = True
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
