"""The index of the files under LIBRARY_ROOT."""
