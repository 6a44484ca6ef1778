"""Verify: checks that files are intact. Start reading at `operation.py`."""
