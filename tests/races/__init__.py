"""Simultaneous calls, with real processes and real transactions."""
