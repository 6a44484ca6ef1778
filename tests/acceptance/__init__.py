"""The engine with real clusters, on every database and broker."""
