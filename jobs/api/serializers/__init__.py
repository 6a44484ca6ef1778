"""`requests`, `queries`: what callers may send. `answers`, `library`: what they get."""
