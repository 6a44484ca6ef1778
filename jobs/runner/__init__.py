"""Runs items: a warden in django-q2's worker watches an executor that it has forked."""

from jobs.runner.warden import Warden

__all__ = ["Warden"]
