"""The benchmarks: `make bench`. See `__main__`."""
