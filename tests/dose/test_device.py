"""Sites, devices and their montages."""

import pytest

from vagus.dose import SITES, Contact, Device, Montage, Site, device_of, devices, montage, site_of
from vagus.dose.tables import nouns
from vagus.errors import InputError
from vagus.source import Source, sources_of
from vagus.tables import raw_rows

KEYS = (
    "tvnsr nemos livanova_sentiva livanova_vns102 parasym_tvns nurosym gammacore digitimer_ds8r digitimer_ds7a "
    "digitimer_ds5 smartvns soterix_tavns xen bionik"
)


def test_every_device_is_there():
    assert list(devices()) == list(dict.fromkeys(devices()))
    assert set(devices()) == set(KEYS.split())


@pytest.mark.parametrize("key", KEYS.split())
def test_every_device_gives_a_montage_for_each_of_its_sites(key: str):
    device = devices()[key]
    fields = set(Device.__dataclass_fields__)
    assert set(device.unverified) <= fields
    # a field marked as recalled must hold something
    assert all(getattr(device, name) not in (None, ()) for name in device.unverified)
    for site in device.sites:
        assert SITES[site].route == device.route
        made = montage(device, site)
        assert made.site == site
        assert made.weights == (1.0, -1.0)
        assert all(c.area_mm2 > 0 for c in made.contacts)
        assert made.contacts[0] != made.contacts[1]
        assert made.note
        assert not made.source.verified


def test_numbers_of_the_evidence():
    found = devices()
    tvnsr = found["tvnsr"]
    assert (tvnsr.amplitude_low_ma, tvnsr.amplitude_high_ma, tvnsr.widths_us) == (0.1, 5.0, (250.0,))
    assert found["livanova_sentiva"].widths_us == (130, 250, 500, 750, 1000)
    assert (found["livanova_vns102"].amplitude_high_ma, found["livanova_vns102"].rate_high_hz) == (3.5, 30)
    assert (found["gammacore"].amplitude_high_ma, found["gammacore"].doses_per_day) == (60, 30)
    assert (found["digitimer_ds8r"].width_low_us, found["digitimer_ds8r"].width_high_us) == (50, 2000)
    assert found["xen"].amplitude_high_ma is None
    assert found["parasym_tvns"].amplitude_high_ma == 36


def test_a_recalled_field_shows_in_its_source():
    tvnsr = devices()["tvnsr"]
    assert tvnsr.source_of("amplitude_high_ma").verified
    assert not tvnsr.source_of("amplitude_high_ma", "amplitude_step_ma").verified
    assert not devices()["digitimer_ds7a"].source_of("control").verified


def test_twelve_sites_with_source():
    assert len(SITES) == 12
    assert {s.key for s in SITES.values()} == set(SITES)
    assert len(sources_of(SITES)) >= 3
    for site in SITES.values():
        assert site.key.endswith(site.side)


def test_measured_area_replaces_the_assumed_one():
    made = montage(devices()["tvnsr"], "cymba_left", area_mm2=12.5)
    assert [c.area_mm2 for c in made.contacts] == [12.5, 12.5]
    assert (made.area_assumed, montage(devices()["tvnsr"], "cymba_left").area_assumed) == (False, True)
    with pytest.raises(InputError, match="area_mm2"):
        montage(devices()["tvnsr"], "cymba_left", area_mm2=0)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: device_of("tvnsR"), 'unknown device; found "tvnsR"; allowed: did you mean "tvnsr"?'),
        (lambda: site_of("cimba_left"), 'did you mean "cymba_left"?'),
        (lambda: montage(devices()["tvnsr"], "cymba"), "unknown site"),
        (lambda: montage(devices()["tvnsr"], "cervical_left"), "tVNS R is made for skin"),
        (lambda: montage(devices()["livanova_sentiva"], "cymba_left"), "is an implant"),
        (lambda: Contact(name="a", area_mm2=0, shape="disc", x_mm=0, y_mm=0, z_mm=0), "area_mm2"),
        (lambda: Contact(name="a", area_mm2=1, shape="disk", x_mm=0, y_mm=0, z_mm=0), 'did you mean "disc"?'),  # pyright: ignore[reportArgumentType]
    ],
)
def test_mistakes(call, words):
    with pytest.raises(InputError) as caught:
        call()
    assert words in str(caught.value)


def test_current_that_enters_must_leave():
    contact = Contact(name="a", area_mm2=1, shape="disc", x_mm=0, y_mm=0, z_mm=0)
    source = Source(text="test")
    with pytest.raises(InputError, match="sum to 0"):
        Montage(key="k", site="cymba_left", contacts=(contact, contact), weights=(1.0, -0.5), source=source)
    with pytest.raises(InputError, match="do not fit"):
        Montage(key="k", site="cymba_left", contacts=(contact,), weights=(0.0,), source=source)


def test_tables_are_read_straight_into_the_nouns(monkeypatch):
    good = {"key": "x", "name": "n", "route": "taVNS", "side": "left", "place": "cymba", "innervation": "i",
            "source": "S 2002. doi:10.1002/ca.1089", "verified": False}  # fmt: skip
    monkeypatch.setattr("vagus.dose.tables.raw_rows", lambda table: (good,))
    assert nouns("sites", Site)["x"].source == Source(text=good["source"], doi="10.1002/ca.1089", verified=False)
    monkeypatch.setattr("vagus.dose.tables.raw_rows", lambda table: ({**good, "side": "middle"},))
    with pytest.raises(InputError, match=r"table sites, row x: .*'middle'"):
        nouns("sites", Site)


def test_every_row_has_source_and_mark():
    for table in ("devices", "sites"):
        assert all({"source", "verified"} <= set(row) for row in raw_rows(table))
