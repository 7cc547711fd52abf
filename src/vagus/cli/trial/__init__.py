"""Commands of `vagus outcome` on trials: analyze one, simulate many."""
