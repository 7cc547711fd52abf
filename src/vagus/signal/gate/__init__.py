"""When to stimulate: the next beat and breath with their uncertainty, and a gate that refuses when unsure."""
