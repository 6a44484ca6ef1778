"""Checks documents that are neither pictures nor archives."""
