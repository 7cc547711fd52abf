"""The current that is felt at the ear, beside published currents; electrode area and pulse width.

    python benchmarks/perception_published.py OUT_DIRECTORY [--draws 200]

Writes perception.csv. Nothing is fitted: criterion and ranges stand in the table `ear`, published currents in the
table `perception`.
"""

from __future__ import annotations

import argparse
import csv
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vagus.dose import Pulse, device_of, montage
from vagus.fiber.ear.perception import Perception, perceive
from vagus.tables import rows

SEED = 20261126
WIDTHS_US = (50.0, 200.0, 1000.0)
AREAS_MM2 = (7.0, 28.0, 78.5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A published current."""

    key: str
    device: str
    site: str
    width_us: float
    shape: str
    kind: str
    low_ma: float
    high_ma: float
    middle_ma: float


def felt(device: str, site: str, pulse: Pulse, *, n_draws: int, area_mm2: float | None = None) -> Perception:
    """One case, always from the same seed."""
    contacts = montage(device_of(device), site, area_mm2=area_mm2)
    return perceive(contacts, pulse, rng=np.random.default_rng(SEED), n_draws=n_draws)


def cases(n_draws: int) -> Iterator[tuple[str, Row | None, Perception]]:
    """Published currents, then widths at the cymba and areas at the tragus with a third of the draws."""
    for row in rows("perception", Row):
        pulse = Pulse(amplitude_ma=1.0, width_us=row.width_us, shape=row.shape)  # pyright: ignore[reportArgumentType]
        yield row.key, row, felt(row.device, row.site, pulse, n_draws=n_draws)
    for width_us in WIDTHS_US:
        pulse = Pulse(amplitude_ma=1.0, width_us=width_us, shape="monophasic")
        yield f"cymba {width_us:g} us", None, felt("tvnsr", "cymba_left", pulse, n_draws=n_draws // 3)
    pulse = Pulse(amplitude_ma=1.0, width_us=250.0, shape="biphasic_symmetric")
    for area in AREAS_MM2:
        found = felt("digitimer_ds7a", "tragus_left", pulse, n_draws=n_draws // 3, area_mm2=area)
        yield f"tragus {area:g} mm2", None, found


def main() -> None:
    """Run all cases and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--draws", type=int, default=200)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    begin = time.process_time()
    with (args.out / "perception.csv").open("w", newline="", encoding="utf-8") as stream:
        out = csv.writer(stream)
        out.writerow(["case", "kind", "published_ma", "median_ma", "p5_ma", "p95_ma", "p95_over_p5", "off", "inside"])
        for name, row, found in cases(args.draws):
            effect = found.current_ma
            line = [name, row.kind if row else "", f"{row.middle_ma:g}" if row else "", f"{effect.estimate:.4g}",
                    f"{effect.low:.4g}", f"{effect.high:.4g}", f"{found.spread:.2f}"]  # fmt: skip
            if row is not None:
                line += [f"{effect.estimate / row.middle_ma:.3g}", str(effect.low <= row.middle_ma <= effect.high)]
            out.writerow(line)
            stream.flush()
            print(*line, f"{time.process_time() - begin:.0f} CPU s", sep="\t", flush=True)


if __name__ == "__main__":
    main()
