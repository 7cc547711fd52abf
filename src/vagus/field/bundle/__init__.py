"""A nerve of several round fascicles in an electrode: waves along z, multipoles around each fascicle."""
