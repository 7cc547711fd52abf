"""The presets against the packages they name; benchmarks/*_reference.py make the numbers."""

import json
from pathlib import Path

import numpy as np
import pytest

from vagus.signal import PRESETS, Beats, sliding_tone, vagal_tone

DATA = Path(__file__).parents[1] / "data"
PEERS = json.loads((DATA / "tone_reference.json").read_text())
NEUROKIT = json.loads((DATA / "neurokit_reference.json").read_text())
REFERENCE = {"neurokit2": NEUROKIT["beats"], "pyhrv": PEERS["pyhrv"], "systole": PEERS["systole"]}
# pyHRV and systole divide SD1 and SD2 by n, NeuroKit2 and we by n - 1, and SD1 is RMSSD/√2 here: 0.3 % at 300 beats
OTHER = {"sd1_ms": 0.003, "sd2_ms": 0.003}
# what is the same is the same to the last digits; systole prints six decimals
SAME = 1e-6


def beats_of(name):
    path = DATA / "beats" / name
    fs_hz = float(path.read_text().split("fs_hz =")[1].split()[0])
    time_s = np.loadtxt(path) / fs_hz
    return Beats(time_s=time_s, quality=np.ones(time_s.size), origin="given")


@pytest.mark.parametrize("preset", REFERENCE)
@pytest.mark.parametrize("name", sorted(PEERS["pyhrv"]))
def test_preset_gives_the_numbers_of_the_package_it_names(preset, name):
    tone = vagal_tone(beats_of(name), settings=PRESETS[preset])
    theirs = REFERENCE[preset][name]
    assert len(theirs) >= 9
    for key, value in theirs.items():
        assert getattr(tone, key).estimate == pytest.approx(value, rel=OTHER.get(key, SAME), abs=1e-9), key


def test_references_are_of_the_named_versions():
    assert NEUROKIT["made_with"] == "neurokit2 0.2.13"
    assert (PEERS["made_with"]["pyhrv"], PEERS["made_with"]["systole"]) == ("0.5.0", "0.3.0")
    assert len(PEERS["pyhrv"]) >= 8


def test_presets_differ_where_their_settings_do():
    powers = {name: vagal_tone(beats_of("resting.txt"), settings=settings) for name, settings in PRESETS.items()}
    assert len({round(tone.hf_ms2.estimate, 3) for tone in powers.values()}) == len(PRESETS)
    # smoothness priors take the slow waves out, and leave the fast ones
    assert powers["kubios_like"].vlf_ms2.estimate < 0.3 * powers["systole"].vlf_ms2.estimate
    assert powers["kubios_like"].hf_ms2.estimate == pytest.approx(powers["systole"].hf_ms2.estimate, rel=0.05)


@pytest.mark.parametrize("preset", PRESETS)
def test_sliding_windows_hold_what_vagal_tone_gives(preset):
    beats, settings = beats_of("mitdb103.txt"), PRESETS[preset]
    found = sliding_tone(beats, window_s=300, step_s=60, settings=settings)
    assert len(found) == 5
    for row in found.rows:
        tone = vagal_tone(beats, start_s=row["start_s"], end_s=row["end_s"], settings=settings)
        assert row["n_beats"] == tone.n_beats
        for key, value in row.items():
            if key in {"source_name", "label", "start_s", "end_s", "n_beats", "reason", "longest_stretch_s"}:
                continue
            known = getattr(tone, key)
            known = getattr(known, "estimate", known)
            # the spline goes on beyond the window's edges: that moves slow waves most
            rel = {"vlf_ms2": 0.02, "total_ms2": 0.01}.get(key, 1e-3 if key.endswith("ms2") else 1e-9)
            assert value == pytest.approx(known, rel=rel), key
