"""An app with operations that behave well and badly; installed by EXTRA_APPS=tests.testapp.

A program that finds MACHINE in its environment takes itself for one on another machine: it does
not look for the processes of the others, and they do not look for its.
"""

import functools
import os

from jobs.processes import identity
from tests.testapp import clock

MACHINE = "BATCHSITE_TEST_MACHINE"

if MACHINE in os.environ:
    identity.machine_id = functools.cache(lambda: os.environ[MACHINE])
if os.environ.get(clock.VARIABLE):
    clock.install()
