"""Commands on the body outside a sitting, part of `vagus response`."""
