"""WFDB, the format of PhysioNet: records of signals, and annotations along them."""
