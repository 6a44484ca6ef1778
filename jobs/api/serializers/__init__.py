"""`requests` and `queries` check what callers send; `answers` describe what they get."""
