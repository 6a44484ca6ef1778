"""Keeps programs running for `serve` and `runcluster`: starts, restarts, replaces, stops them.

Knows processes and time, and nothing of jobs. The commands hand in a callable that looks at the
work. `policies` is pure.
"""
