"""Finite elements of a nerve in a cuff and of layered tissue; NGSolve is an extra, solved fields need it no more."""
