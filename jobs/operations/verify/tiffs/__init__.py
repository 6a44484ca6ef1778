"""Checks TIFF pictures, and raw files of cameras that are built like them.

libvips decodes what scanners and offices write, and is the fastest. What it cannot decode, or
decodes without a word about damage, is decoded strip by strip and tile by tile.
"""
