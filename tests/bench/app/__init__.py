"""Installed by EXTRA_APPS: the operations for this engine, the books for the queue libraries."""
