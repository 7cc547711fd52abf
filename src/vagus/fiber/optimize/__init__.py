"""Contact weights, polarity, width and shape of a pulse for a stated aim, within the limits of a dose."""
