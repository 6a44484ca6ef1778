"""Measures `verify` beside the free tools: a damage matrix of files made for it, and corpora.

Run by hand or nightly: `make verify-matrix`. CONTRIBUTING.md says more.
"""
