"""Checks files of data: databases, fonts, arrays and tables."""
