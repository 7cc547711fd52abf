"""The loop over time: internodes as modes, nodes as a tridiagonal system, jobs in lanes."""
