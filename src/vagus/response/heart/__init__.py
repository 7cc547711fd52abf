"""Heart: its change under stimulation, a heart that a controller can drive, and heartbeats."""
