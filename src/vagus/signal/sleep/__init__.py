"""Sleep: stages, statistics of a night, vagal tone by stage, wrist activity."""
