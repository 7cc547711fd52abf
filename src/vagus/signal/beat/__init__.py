"""Heartbeats sample by sample: the streaming ECG detector, pulses of a PPG, stimulation artefact, agreement."""
