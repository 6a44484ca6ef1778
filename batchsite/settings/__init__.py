"""Django settings. Each part reads its own share of the environment.

Raises `batchsite.settings.env.BadSetting`, a sentence for a person, for a malformed value.
"""

from batchsite.settings.auth import *
from batchsite.settings.base import *
from batchsite.settings.database import *
from batchsite.settings.logging import *
from batchsite.settings.private import *
from batchsite.settings.queue import *
from batchsite.settings.security import *
from batchsite.settings.web import *
