"""Processes of the operating system: who they are, what they start, and how all of it ends.

Knows nothing of jobs and of the database.
"""
