"""Runs items: a worker, in django-q2's worker process, watches the executor that it has forked."""

from jobs.worker.worker import Worker

__all__ = ["Worker"]
