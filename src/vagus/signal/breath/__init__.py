"""Breathing as it comes: turns of a respiration signal, live and offline, one algorithm."""
