"""How a membrane is written down: formulas, rates, gates, currents, ions, and the reader of its file."""
