"""Keeps long-running programs running: starts, restarts, replaces and ends them.

Knows processes and time, and nothing of jobs: what to look at is handed in by the command
that supervises. `decisions` is pure; `group` and `members` touch processes.
"""
