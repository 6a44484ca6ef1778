"""Checks HEIC, HIF and AVIF pictures: their boxes, the place of every item, and every picture."""
