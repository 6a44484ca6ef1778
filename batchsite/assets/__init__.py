"""Static files under URLs with their hash, compressed, and bundles of the page's own files."""
