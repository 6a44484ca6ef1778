"""How this engine grows: more workers, more clusters, more items, more pages that watch."""

PARTS = {
    "sqlite": ("workers", "items", "library", "pages"),
    "postgresql": ("workers", "clusters", "items", "library", "pages"),
}
"""What is measured on which set-up: names of the modules here, each with `measure`."""
