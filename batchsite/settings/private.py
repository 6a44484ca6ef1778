"""Who may read what the site writes, and which variables its commands get."""

from batchsite.private_data import ACCESS, protect
from batchsite.settings import env
from batchsite.settings.base import DATA_DIR
from jobs.processes.environ import MAKE_VARIABLES, conceal

OUTPUTS_ACCESS = env.text("OUTPUTS_ACCESS", "owner")
if OUTPUTS_ACCESS not in ACCESS:
    raise env.BadSetting(
        "OUTPUTS_ACCESS", OUTPUTS_ACCESS, "is unknown", f"Set it to {', '.join(ACCESS)}."
    )
OUTPUTS_UMASK = ACCESS[OUTPUTS_ACCESS]

try:
    protect(DATA_DIR, OUTPUTS_ACCESS)
except OSError as _error:
    raise env.unusable_folder("DATA_DIR", DATA_DIR, _error) from None

COMMAND_ENVIRONMENT = env.names("COMMAND_ENVIRONMENT")
"""Variables that commands get besides those that all get."""

conceal(("DATABASE_URL", "DJANGO_SECRET_KEY", "REDIS_URL", *MAKE_VARIABLES))
