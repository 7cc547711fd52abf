"""Fibers in the fascicles of an explicit nerve: placed, recruited, recorded."""
