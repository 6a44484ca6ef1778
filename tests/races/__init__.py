"""Things that happen at the same moment, with real processes and real transactions."""
