"""Loads the package imagecodecs, which decodes what libvips and libjpeg-turbo cannot."""

from functools import cache
from typing import Any

from jobs.operations.verify.limits import CannotCheck

CODEC_ERRORS = (RuntimeError, ValueError, TypeError, IndexError, OverflowError)
"""What imagecodecs raises for data that is not valid."""


@cache
def load_imagecodecs() -> Any:
    """Return the module, or raise CannotCheck if it is not installed.

    It loads each codec when that is used for the first time.
    """
    try:
        import imagecodecs
    except ImportError:
        raise CannotCheck("it needs the package “imagecodecs”, which is not installed") from None
    return imagecodecs
