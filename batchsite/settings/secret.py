"""The secret key that is made once and kept in `DATA_DIR`."""

import fcntl
import os
from pathlib import Path

from django.core.management.utils import get_random_secret_key

from batchsite.settings import env

LENGTH = 50


def kept_secret_key(folder: Path) -> str:
    """The key in `folder/secret_key`; made, readable by the owner only, when it is not there.

    Two processes that start at once get the same key: whoever holds the file's lock first
    writes it, and a file that a crash left empty or cut short is written again.
    Raises BadSetting when the folder or the file cannot be used.
    """
    file = env.made_folder("DATA_DIR", folder) / "secret_key"
    try:
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "r+", encoding="ascii") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX)
            key = stream.read().strip()
            if len(key) < LENGTH:
                key = get_random_secret_key()
                stream.seek(0)
                stream.truncate()
                stream.write(key + "\n")
                stream.flush()
                os.fsync(stream.fileno())
            return key
    except OSError as error:
        raise env.unusable_folder("DATA_DIR", folder, error) from None
    except UnicodeDecodeError:
        raise env.BadSetting(
            "DATA_DIR",
            folder,
            "holds a damaged secret_key file",
            f"Delete {file}; everybody has to log in again.",
        ) from None
