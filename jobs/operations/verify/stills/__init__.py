"""Checks pictures that libvips does not read: JPEG 2000, JPEG XL, Photoshop, bitmaps and icons."""
