"""The log: how a record is written on a line, and how many lines are written."""
