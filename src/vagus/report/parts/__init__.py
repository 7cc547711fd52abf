"""Parts that charts are put together from: paths, and labels that make room for each other."""
