"""Tissue: conductivities with their ranges, and media whose potentials are known in closed form."""
