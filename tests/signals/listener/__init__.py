"""A third-party app that records every signal of its process."""
