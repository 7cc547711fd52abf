"""Stimulation artefact in an ECG: found, subtracted or blanked; all at once, or live."""
