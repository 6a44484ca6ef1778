"""The JSON API: parses, calls one service, answers."""
