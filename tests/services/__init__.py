"""Services and store, in this process, on real databases."""
