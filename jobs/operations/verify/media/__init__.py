"""Checks sound and film: a walk of our own through the container, and FFmpeg's decoders.

Each finds what the other misses. FFmpeg recovers after damage and continues, so its
log is read, and neither its exit code nor its exceptions are trusted alone.
"""
