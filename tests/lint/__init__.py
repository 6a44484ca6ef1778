"""Checks of `make lint` that no published tool has."""
