"""Cross-sections of nerves: fascicles, their perineurium, and fibers by class."""
