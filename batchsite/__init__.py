"""The site: settings, addresses and entry points around the `jobs` app."""
