"""Traced nerves: the same cross-section from a table, a drawing and masks; broken ones with their place."""

import struct
import zlib

import numpy as np
import pytest

from vagus.errors import InputError, MissingFile
from vagus.field.nerve import ring
from vagus.files import read_nerve
from vagus.files.nerve.png import read_png

# x, y, radius in mm
FASCICLES = {"A": (0.3, 0.1, 0.25), "B": (-0.4, -0.2, 0.2)}


def _table(rings):
    rows = [f"{name},{x},{y}" for name, corners in rings.items() for x, y in corners]
    return "\n".join(["contour,x,y", *rows]) + "\n"


def _rings():
    return {
        "nerve": ring.circle(0.0, 0.0, 1.0), **{name: ring.circle(x, y, r) for name, (x, y, r) in FASCICLES.items()}
    }  # fmt: skip


def _png(picture, *, filters=(0,), color=0, depth=8, spoil=False):
    """A PNG of gray bytes, its lines coded with these filters in turn."""
    height, width = picture.shape
    lines, above = b"", np.zeros(width, int)
    for k, row in enumerate(picture.astype(int)):
        kind = filters[k % len(filters)]
        left, corner = np.concatenate([[0], row[:-1]]), np.concatenate([[0], above[:-1]])
        near = left + above - corner
        far = np.abs(np.stack([near - left, near - above, near - corner]))
        paeth = np.where((far[0] <= far[1]) & (far[0] <= far[2]), left, np.where(far[1] <= far[2], above, corner))
        guess = {0: 0 * row, 1: left, 2: above, 3: (left + above) // 2, 4: paeth}[kind]
        lines += bytes([kind]) + ((row - guess) % 256).astype(np.uint8).tobytes()
        above = row

    def chunk(name, body):
        check = zlib.crc32(name + body) ^ (1 if spoil else 0)
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", check)

    head = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b"")


def _masks(folder, um_per_pixel=10.0, names=("n.png", "i.png")):
    y, x = np.mgrid[1.2:-1.2:240j, -1.2:1.2:240j]
    nerve = np.hypot(x, y) < 1.0
    inside = np.any([np.hypot(x - a, y - b) < r for a, b, r in FASCICLES.values()], axis=0)
    folder.mkdir()
    for name, mask in zip(names, (nerve, inside), strict=True):
        (folder / name).write_bytes(_png(255 * mask, filters=(0, 1, 2, 3, 4)))
    return folder


def _written(tmp_path, kind):
    if kind == "csv":
        path = tmp_path / "nerve.csv"
        path.write_text(_table(_rings()))
        return path, 1000.0
    if kind == "svg":
        path = tmp_path / "nerve.svg"
        a, b = FASCICLES["A"], FASCICLES["B"]
        k = 0.5522847498 * b[2]
        path.write_text(
            '<svg xmlns="http://www.w3.org/2000/svg"><g transform="translate(1.5 1.5) scale(1 -1)">'
            '<circle id="nerve" cx="0" cy="0" r="1"/>'
            f'<ellipse id="A" cx="{a[0]}" cy="{a[1]}" rx="{a[2]}" ry="{a[2]}"/>'
            f'<path id="B" d="M{b[0] + b[2]} {b[1]}c0 {k} {k - b[2]} {b[2]} {-b[2]} {b[2]}s{-b[2]} {k - b[2]} {-b[2]} '
            f'{-b[2]} {b[2] - k} {-b[2]} {b[2]} {-b[2]} {b[2]} {b[2] - k} {b[2]} {b[2]}z"/></g></svg>'
        )
        return path, 1000.0
    return _masks(tmp_path / "sample"), 2400.0 / 239


@pytest.mark.parametrize("kind", ["csv", "svg", "png"])
def test_every_kind_reads_the_same_nerve(tmp_path, kind):
    path, unit = _written(tmp_path, kind)
    nerve = read_nerve(path, species="human", um_per_unit=unit)
    # circles of 64 corners in the drawing, and sides of pixels in the mask, are up to 1 % smaller or larger
    assert nerve.diameter_um == pytest.approx(2000.0, rel=0.01)
    by_size = sorted(nerve.fascicles, key=lambda f: -f.diameter_um)
    assert [f.diameter_um for f in by_size] == pytest.approx([500.0, 400.0], rel=0.01)
    middle = ring.center(nerve.outline_um)
    for f, (x, y, _) in zip(by_size, FASCICLES.values(), strict=True):
        assert f.center_um - middle == pytest.approx([1e3 * x, 1e3 * y], abs=8.0)
    assert by_size[0].perineurium_um == pytest.approx(0.03702 * 500 + 10.5, rel=0.01)


def test_masks_have_two_names_each_and_a_tiff_is_named(tmp_path):
    folder = _masks(tmp_path / "plain", names=("nerve.png", "fascicles.png"))
    assert len(read_nerve(folder, species="human", um_per_unit=10.0).fascicles) == 2
    (folder / "nerve.png").rename(folder / "n.tif")
    with pytest.raises(MissingFile, match=r"n.tif, a TIFF.*save it as PNG"):
        read_nerve(folder, species="human", um_per_unit=10.0)


BOW = np.array([[0.3, 0.1], [0.5, 0.3], [0.5, 0.1], [0.3, 0.3]])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"A": BOW}, r"nerve.csv, contour A, at x = 400 µm, y = 200 µm: outline crosses itself"),
        ({"A": ring.circle(0.3, 0.1, 0.25)[:50]}, r"contour A: contour is open; found from \(0.55"),
        ({"A": ring.circle(0.9, 0.0, 0.25)}, "fascicle A, at x = 1.*: fascicle leaves the nerve"),
        ({"A": ring.circle(-0.5, -0.2, 0.2)}, "fascicles A and B, at x = .*: two fascicles overlap"),
        ({"nerve": np.array([[0.0, 0.0], [1.0, np.inf]])}, "row 3: row does not fit"),
    ],
)
def test_broken_contours_are_refused_with_their_place(tmp_path, change, message):
    path = tmp_path / "nerve.csv"
    path.write_text(_table({**_rings(), **change}))
    with pytest.raises(InputError, match=message):
        read_nerve(path, species="human", um_per_unit=1000.0)


@pytest.mark.parametrize("unit", [1.0, 1e6])
def test_units_a_thousandfold_wrong_are_refused(tmp_path, unit):
    path, _ = _written(tmp_path, "csv")
    with pytest.raises(InputError, match="are the units right"):
        read_nerve(path, species="human", um_per_unit=unit)


@pytest.mark.parametrize(
    ("inside", "message"),
    [
        ('<path id="A" d="M0 0L1 0L1 1"/>', r"A: outline cannot be used; found contour is open: from \(0, 0\)"),
        ('<polyline id="A" points="0,0 1,0 1,1"/>', "contour is open"),
        ('<path id="A" d="M0 0A1 1 0 0 0 2 2Z"/>', "turn them into curves"),
        ('<path id="A" d="M0 0L1Z"/>', 'too few numbers after "L"'),
        ('<polygon id="A" points="0,0 1,0 1"/>', "odd number"),
        ('<circle id="A" r="1" transform="skewX(3)"/>', "transform is not read"),
        ('<circle id="A" r="1"/>', "0 named nerve, 1 others"),
        ("<circle", "cannot be read"),
    ],
)
def test_drawings_that_cannot_be_used_are_refused(tmp_path, inside, message):
    path = tmp_path / "nerve.svg"
    path.write_text(f'<svg xmlns="http://www.w3.org/2000/svg">{inside}</svg>')
    with pytest.raises(InputError, match=message):
        read_nerve(path, species="human", um_per_unit=1000.0)


def test_masks_that_cannot_be_used_are_refused(tmp_path):
    folder = _masks(tmp_path / "sample")
    y, x = np.mgrid[:60, :60]
    for picture, message in (
        (np.hypot(x, y) < 30, "touches the picture's edge; found rows 0 to 30"),
        (np.hypot(x - 30, y - 30) < -1, "mask is empty"),
        ((np.hypot(x - 15, y - 15) < 9) | (np.hypot(x - 40, y - 40) < 9), "not one piece"),
    ):
        (folder / "n.png").write_bytes(_png(255 * picture))
        with pytest.raises(InputError, match=message):
            read_nerve(folder, species="human", um_per_unit=10.0)
    for data, message in (
        (b"GIF89a", "does not begin as a PNG"),
        (_png(255 * (x > 3), spoil=True), "spoiled"),
        (_png(255 * (x > 3))[:80], "cannot be read"),
        (_png(255 * (x > 3), color=5), "color type 5"),
    ):
        (folder / "n.png").write_bytes(data)
        with pytest.raises(InputError, match=message):
            read_nerve(folder, species="human", um_per_unit=10.0)


def test_png_filters_and_depths(tmp_path):
    picture = np.random.default_rng(1).integers(0, 256, (23, 17))
    path = tmp_path / "p.png"
    for filters in ((0,), (1,), (2,), (3,), (4,), (0, 4, 1, 3, 2)):
        path.write_bytes(_png(picture, filters=filters))
        assert read_png(path) == pytest.approx(picture / 255)
    # the same bytes as single bits: eight times as wide
    head = _png(picture)
    narrow = struct.pack(">IIBBBBB", 17 * 8, 23, 1, 0, 0, 0, 0)
    body = b"IHDR" + narrow
    path.write_bytes(head[:8] + struct.pack(">I", 13) + body + struct.pack(">I", zlib.crc32(body)) + head[33:])
    assert read_png(path) == pytest.approx(np.unpackbits(picture.astype(np.uint8), axis=1))


@pytest.mark.parametrize(
    ("name", "text", "kind", "message"),
    [
        ("nerve.csv", "x,y\n1,2\n", InputError, "header is another one; found x, y"),
        ("nerve.csv", "contour,x,y\nA,1\n", InputError, "row 2"),
        ("nerve.txt", "", InputError, "kind of file is not known"),
        ("", "", MissingFile, "not there"),
    ],
)
def test_other_files_are_refused(tmp_path, name, text, kind, message):
    path = tmp_path / (name or "none.csv")
    if name:
        path.write_text(text)
    with pytest.raises(kind, match=message):
        read_nerve(path, species="human", um_per_unit=1.0)
    with pytest.raises(InputError, match="um_per_unit is out of range"):
        read_nerve(path, species="human", um_per_unit=0.0)
