"""Run, watch and stop work on many files at once."""
