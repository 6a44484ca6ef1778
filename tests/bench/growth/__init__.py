"""The whole site, and how this engine grows: more workers, clusters, items, pages that watch."""

PARTS = {
    "sqlite": ("site", "workers", "items", "library", "pages"),
    "postgresql": ("site", "workers", "clusters", "items", "library", "pages"),
}
"""What is measured on which set-up: names of the modules here, each with `measure`."""
