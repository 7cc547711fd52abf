"""Readers, one a format: bytes in, channels, beats, marks or stages out."""
