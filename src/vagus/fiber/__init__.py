"""fiber."""
