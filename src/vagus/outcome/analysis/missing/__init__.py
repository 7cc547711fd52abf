"""Missing scores: drawn many times, analyzed each time, put together."""
