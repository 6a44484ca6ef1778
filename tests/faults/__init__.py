"""Every kind of death, with real processes and signals, on each set-up."""
