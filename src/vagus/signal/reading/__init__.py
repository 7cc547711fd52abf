"""What of a recording, and of a window of it, could be read."""
