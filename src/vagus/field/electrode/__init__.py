"""Contacts as surfaces, and the electrodes they make."""
