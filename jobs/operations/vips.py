"""libvips, loaded when the first picture comes."""

import logging
import os
from functools import cache
from typing import Any


@cache
def load_vips() -> Any:
    """The module pyvips, set for a worker: one thread and nothing kept between pictures.

    Loading takes a tenth of a second, and libvips does not survive a fork, so this is called
    in the process that does the work and not when a module is imported.
    """
    os.environ.setdefault("VIPS_CONCURRENCY", "1")
    import pyvips

    pyvips.cache_set_max(0)
    # What it warns of is about files, and told where it matters.
    logging.getLogger("pyvips").setLevel(logging.CRITICAL)
    return pyvips
