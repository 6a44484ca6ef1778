"""How fast `verify` is: against the checker of each format, and against an older build.

All check the same files, which lie in the page cache, with two processes, in turns.
"""
