"""How this engine grows: more workers, more clusters, more items."""

PARTS = {
    "sqlite": ("workers", "items", "library"),
    "postgresql": ("workers", "clusters", "items", "library"),
}
"""What is measured on which set-up: names of the modules here, each with `measure`."""
