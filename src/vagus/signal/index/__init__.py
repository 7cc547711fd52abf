"""Indices of vagal tone, a file a family: each is a `Measure` of a `Part`, and `Blocks` gives its interval."""
