"""The engine against a table of thresholds that another program measured."""
