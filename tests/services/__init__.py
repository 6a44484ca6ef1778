"""Services and ledger, in this process, on real databases."""
