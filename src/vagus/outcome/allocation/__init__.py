"""Allocation to arms: permuted blocks, strata, minimization, each a pure function of a plan and a secret seed."""
