"""Touch fibers of the ear: their endings in the skin, and the current at which they are felt."""
