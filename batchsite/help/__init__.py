"""The documentation, served by the site: `docs/` as pages under `/help/`."""
