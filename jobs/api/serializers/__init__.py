"""What callers may send: `requests` are bodies, `queries` what follows the question mark."""
