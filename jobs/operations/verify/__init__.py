"""Verify: tells whether a file is whole. `operation.py` is the place to start reading."""

from jobs.operations.verify.operation import Verify

__all__ = ["Verify"]
