"""Immune arm: cytokines after an endotoxin challenge, and what follows for arthritis."""
