"""Checks archives and packed files that Python's own modules do not read."""
