"""Sleep: the switch between wake and sleep, and the nights it makes."""
