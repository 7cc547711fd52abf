"""Hypnograms and wrist counts."""
