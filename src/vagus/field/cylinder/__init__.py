"""Nested cylinders around z: endoneurium, perineurium as a sheet, what lies around, and a cuff's wall."""
