"""Internodes: linear, so they stand as modes, which a step moves in one pass."""
