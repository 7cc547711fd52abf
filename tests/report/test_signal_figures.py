"""Pictures of a recording: what is marked, what is said, what fits."""

from __future__ import annotations

import dataclasses
import re
from datetime import UTC, datetime
from xml.etree import ElementTree

import numpy as np
import pytest

from vagus.report.figures.power import Curve, spectrum
from vagus.report.figures.quality import GOOD, excerpts, quality_strip
from vagus.report.figures.reactivity import Arm, Moved, changes, reactivity
from vagus.report.figures.rhythm import Part, Windows, mends, sliding, tachogram
from vagus.report.numbers import text_px
from vagus.report.parts.path import thinned
from vagus.report.picture.styled import style_of
from vagus.report.recording import KINDS, Seen, write_recordings, write_svg
from vagus.signal import (
    PRESETS,
    Beats,
    Design,
    Gap,
    Recording,
    correct,
    find_beats,
    react,
    rr_density,
    template,
    vagal_tone,
)
from vagus.source import Effect

SVG = "{http://www.w3.org/2000/svg}"
FS_HZ = 250.0
WIDTHS = (350.0, 720.0)


def ecg(rr_s: np.ndarray, *, lost: tuple[float, float] | None = None) -> Recording:
    """Made-up R waves at given intervals; flat from `lost[0]` to `lost[1]`."""
    beats = 0.5 + np.cumsum(rr_s)
    t = np.arange(0, beats[-1] + 1, 1 / FS_HZ)
    wave = np.zeros(t.size)
    for beat in beats:
        near = np.abs(t - beat) < 0.1
        wave[near] += np.exp(-0.5 * ((t[near] - beat) / 0.012) ** 2)
    if lost is not None:
        wave[(t >= lost[0]) & (t < lost[1])] = 0.0
    return Recording(kind="ecg", fs_hz=FS_HZ, samples=wave, unit="mV", channel="II", name="made.csv")


@pytest.fixture(scope="module")
def seen() -> Seen:
    k = np.arange(300)
    rr_s = 0.8 + 0.03 * np.sin(2 * np.pi * 0.25 * 0.8 * k)
    rr_s[100] *= 0.6  # a premature beat and its pause
    rr_s[101] += 0.4 * 0.8
    recording = ecg(rr_s, lost=(160.0, 170.0))
    raw = find_beats(recording)
    beats = correct(raw).beats
    end = recording.duration_s
    tone = vagal_tone(beats, start_s=0, end_s=end, rng=np.random.default_rng(1))
    design = {"baseline_s": (0.0, 70.0), "during_s": (70.0, 150.0), "recovery_s": (175.0, 240.0), "person": "p"}
    reactions = tuple(
        react(beats, Design(condition=condition, **design), rng=np.random.default_rng(1))
        for condition in ("active", "sham")
    )
    starts = np.arange(0.0, 180.0, 30.0)
    some = np.linspace(20, 30, starts.size)
    indices: dict[str, tuple[np.ndarray, np.ndarray, np.ndarray]] = {
        "heart_rate_bpm": (some, some - 5, some + 5),
        "rmssd_ms": (some, some - 5, some + 5),
        "hf_ms2": (some, some - 5, some + 5),
    }
    return Seen(
        name="made.csv & <more>",
        beats=beats,
        start_s=0.0,
        end_s=end,
        recording=recording,
        raw=raw,
        tone=dataclasses.replace(tone, breath_rate_per_min=15.0),
        density=rr_density(beats, start_s=0, end_s=end),
        windows=Windows(start_s=starts, end_s=starts + 60, indices=indices),
        reactions=reactions,
    )


def texts(svg: str) -> list[str]:
    return [node.text or "" for node in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def drawn(seen: Seen, kind: str, width_px: float) -> str:
    return KINDS[kind][1](seen, "k", width_px)[0]


@pytest.mark.parametrize("width_px", WIDTHS)
@pytest.mark.parametrize("kind", list(KINDS))
def test_every_picture_is_well_formed_named_told_in_numbers_and_stays_inside(
    seen: Seen, kind: str, width_px: float
) -> None:
    root = ElementTree.fromstring(drawn(seen, kind, width_px))
    title, desc = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert title is not None
    assert desc is not None
    assert root.get("aria-labelledby") == f"{title.get('id')} {desc.get('id')}"
    assert re.search(r"\d", desc.text or "")
    shift = {g: float(re.findall(r"[\d.]+", g.get("transform", "0"))[0]) for g in root.iter(f"{SVG}g")}
    inner = {node: x for g, x in shift.items() for node in g.iter(f"{SVG}text")}
    for node in root.iter(f"{SVG}text"):
        x, wide = float(node.get("x", "0")) + inner.get(node, 0.0), text_px(node.text or "")
        left = {"middle": x - wide / 2, "end": x - wide}.get(node.get("text-anchor", ""), x)
        assert left >= -3, node.text
        assert left + wide <= width_px + 10, node.text  # a last tick may stand over the edge by half its width
    assert "nan" not in drawn(seen, kind, width_px)


def test_marks_of_the_tachogram_are_the_corrections(seen: Seen) -> None:
    svg = drawn(seen, "tachogram", 720.0)
    found = mends(seen.beats, seen.raw)
    assert found  # the premature beat
    for word, places in found.items():
        assert f"{word} ({places.size})" in texts(svg)
    assert any(text.startswith("not read (") for text in texts(svg))
    assert "as detected" in texts(svg)


def test_removed_beats_are_crossed_out() -> None:
    beats = Beats(
        time_s=np.arange(5.0), quality=np.ones(5), label=("", "", "extra", "missed", "misaligned"), origin="corrected"
    )
    assert {word: places.tolist() for word, places in mends(beats).items()} == {
        "added": [2],
        "moved": [3],
        "removed": [1],
    }
    stays = Beats(time_s=np.array([0.0, 1.0, 4.0]), quality=np.ones(3), origin="detected")
    assert mends(beats, stays)["left out"].tolist() == [3]  # found misaligned, and not moved
    svg = tachogram([Part(name="", start_s=0, end_s=5, beats=beats)], key="k", width_px=720)
    assert svg.count('class="cross alarm"') == 2  # in the plot and in the legend


def test_annotations_are_no_corrections() -> None:
    beats = Beats(time_s=np.arange(4.0), quality=np.ones(4), label=("N", "V", "N", "N"), origin="given")
    assert mends(beats) == {}


def test_no_line_is_drawn_across_a_gap() -> None:
    times = np.concatenate([np.arange(0, 60, 0.8), np.arange(80, 140, 0.8)])
    gap = Gap(start_s=60, stop_s=79.5)
    beats = Beats(time_s=times, quality=np.ones(times.size), origin="detected", gaps=(gap,))
    svg = tachogram([Part(name="", start_s=0, end_s=140, beats=beats)], key="k", width_px=720)
    (line,) = re.findall(r'class="line ink thin" d="([^"]*)"', svg)
    assert line.count("M") == 2
    assert "not read (20.8\xa0s)" in texts(svg)  # from the beat before to the beat after


def test_the_area_under_the_curve_is_the_power() -> None:
    rng = np.random.default_rng(3)
    beats = Beats.of_rr(800 + 30 * np.sin(2 * np.pi * 0.2 * np.arange(0, 300, 0.8)) + rng.normal(0, 10, 375))
    for name, settings in PRESETS.items():
        found = rr_density(beats, settings=settings)
        low, high = settings.band_low_hz, settings.band_high_hz
        upto = found.frequency_hz <= high if settings.edges == "both" else found.frequency_hz < high
        inside = (found.frequency_hz >= low) & upto
        f, p = found.frequency_hz[inside], found.density_ms2_per_hz[inside]
        area = float(np.trapezoid(p, f)) if settings.integral == "trapezoid" else float(p.sum() * (f[1] - f[0]))
        # the same computation: only rounding may differ
        assert area == pytest.approx(vagal_tone(beats, settings=settings).hf_ms2.estimate, rel=1e-6), name


def test_the_spectrum_prints_its_settings_bands_power_and_breathing(seen: Seen) -> None:
    told = " ".join(texts(drawn(seen, "spectrum", 720.0)))
    assert seen.density is not None
    for words in ("Welch, Hann window", "HF 0.15–0.40 Hz", "LF 0.04–0.15 Hz", "ms²", "breathing", "15\xa0per min"):
        assert words in told


def test_a_spectrum_that_leaves_the_frame_says_so() -> None:
    f = np.linspace(0, 0.5, 61)
    curve = Curve(name="", frequency_hz=f, density_ms2_per_hz=np.where(f < 0.03, 1000.0, 10.0))
    assert "cut off at the frame" in " ".join(texts(spectrum([curve], PRESETS["vagus"], key="k", width_px=720)))
    flat = dataclasses.replace(curve, density_ms2_per_hz=np.full(61, 10.0))
    assert "cut off" not in " ".join(texts(spectrum([flat], PRESETS["vagus"], key="k", width_px=720)))


def test_excerpts_show_usual_corrected_and_worst(seen: Seen) -> None:
    assert seen.recording is not None
    shown = {e.why: e for e in excerpts(seen.recording, seen.beats)}
    assert set(shown) == {"usual beats", "corrected", "lowest quality"}
    premature = 0.5 + 0.8 * 101
    assert abs(shown["corrected"].start_s + 3 - premature) < 6
    for one in shown.values():
        assert one.stop_s <= 160 or one.start_s >= 170  # never in what was not read


def test_a_recording_without_beats_still_shows_its_samples() -> None:
    recording = ecg(np.full(20, 0.8))
    none = Beats(time_s=np.zeros(0), quality=np.zeros(0), origin="detected")
    svg = quality_strip(recording, none, key="k", width_px=720)
    assert any("no heartbeats found" in text for text in texts(svg))


def test_threshold_of_quality_is_that_of_the_detector() -> None:
    assert GOOD == template.GOOD


def effect(estimate: float, low: float, high: float, unit: str = "ms") -> Effect:
    return Effect(estimate=estimate, low=low, high=high, unit=unit, n=100, method="m")


def test_arms_stand_beside_each_other_with_their_intervals() -> None:
    phases = ("baseline", "during", "recovery")
    arms = [
        Arm(name=name, phases=tuple((p, effect(30 + k, 25, 40)) for k, p in enumerate(phases)))
        for name in ("active", "sham")
    ]
    svg = reactivity(arms, name="RMSSD", key="k", width_px=720)
    root = ElementTree.fromstring(svg)
    for css in ("c1", "c2"):
        dots = [n for n in root.iter(f"{SVG}circle") if n.get("class") == f"dot {css}" and n.get("r") == "4.2"]
        assert len(dots) == 3
        assert svg.count(f'class="whisker {css}"') == 3
    assert "during 31\xa0ms (25 to 40)" in (root.findtext(f"{SVG}desc") or "")


def test_an_interval_that_is_not_known_is_not_drawn() -> None:
    bare = effect(30, np.nan, np.nan)
    svg = reactivity(
        [Arm(name="active", phases=(("baseline", bare), ("during", bare)))], name="R", key="k", width_px=350
    )
    assert "whisker" not in svg
    assert "nan" not in svg


def test_changes_hold_zero_in_view() -> None:
    moved = [Moved(arm="active", phase="during", effect=effect(0.4, 0.3, 0.5, "ln ms"))]
    assert "no change" in texts(changes(moved, name="lnRMSSD", key="k", width_px=350))


def test_windows_that_cannot_be_told_leave_a_hole() -> None:
    starts = np.arange(0, 600, 60.0)
    values = np.linspace(20, 40, 10)
    values[4:6] = np.nan
    none = np.full(10, np.nan)
    windows = Windows(start_s=starts, end_s=starts + 60, indices={"rmssd_ms": (values, none, none)})
    svg = sliding(windows, [("rmssd_ms", "RMSSD", "c1")], key="k", width_px=720)
    (line,) = re.findall(r'class="line c1" d="([^"]*)"', svg)
    assert line.count("M") == 2
    assert "bands" not in " ".join(texts(svg))


def test_a_long_line_is_thinned_and_keeps_its_extremes() -> None:
    xs = np.linspace(0, 700, 100_000)
    ys = np.sin(xs)
    ys[50_000], ys[60_000] = 9.0, np.nan
    few_x, few_y = thinned(xs, ys)
    assert few_x.size < 5 * 701
    assert np.nanmax(few_y) == 9.0
    assert np.nanmin(few_y) == np.nanmin(ys)
    assert np.isnan(few_y).sum() == 1


def test_a_svg_file_needs_no_variables_and_follows_the_theme(seen: Seen) -> None:
    text = write_svg(seen, list(KINDS))
    root = ElementTree.fromstring(text)
    assert "var(" not in text
    assert "prefers-color-scheme: dark" in text
    assert (root.findtext(f"{SVG}title") or "").startswith("made.csv & <more>")
    ids = re.findall(r' id="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    assert len(text.encode()) < 200_000


def test_every_color_of_a_mark_has_its_rule() -> None:
    body = '<path class="line c1 thin"/><circle class="dot alarm hollow"/><rect class="span muted gap"/>'
    light, _, dark = style_of(body).partition("@media")
    for style in (light, dark):
        for rule in (".line.c1", ".dot.hollow.alarm", ".span.muted"):
            assert rule in style
    assert ".line.c2" not in light  # what does not occur is left out


def test_a_picture_without_its_data_is_left_out(seen: Seen) -> None:
    bare = dataclasses.replace(seen, recording=None, density=None, tone=None, windows=None, reactions=())
    assert [kind for kind in KINDS if KINDS[kind][1](bare, "k", 720.0)] == ["tachogram"]
    assert write_svg(bare, ["quality"]) == ""


def test_a_page_of_recordings_loads_nothing_and_escapes(seen: Seen) -> None:
    made = datetime(2026, 3, 20, tzinfo=UTC)
    page = write_recordings([seen, seen], list(KINDS), made=made, versions={"vagus": "0.1.0", "seed": "1"})
    assert "made.csv &amp; &lt;more&gt;" in page
    assert "<more>" not in page
    assert "For research; not a medical device" in page
    assert "<script" not in page
    assert "url(" not in page
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))
