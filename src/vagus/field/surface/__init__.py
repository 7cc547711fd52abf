"""Skin with what lies under it: the auricle and the neck as flat layers, and pads on them."""
