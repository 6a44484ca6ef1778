"""An app with operations that behave well and badly; installed by EXTRA_APPS=tests.testapp."""
