"""An app with operations that behave well and badly; installed by EXTRA_APPS=tests.testapp."""

import os

from tests.testapp import clock

if os.environ.get(clock.VARIABLE):
    clock.install()
