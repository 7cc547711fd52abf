"""What a dose does at the contacts: charge, densities, energy, in the numbers that limits are written in."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

from vagus.dose.contacts import Montage
from vagus.dose.protocol import Protocol
from vagus.dose.ranges import demand, outside
from vagus.tables import raw_rows

# phases that balance in exact numbers leave a rest in the 16th digit
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """A dose at the contact where it is densest.

    Parameters
    ----------
    amplitude_ma : float
        Current of the first phase (mA), without sign.
    charge_uc : float
        Charge of the first phase (µC).
    net_charge_uc : float
        Charge that one pulse leaves behind (µC), without sign.
    charge_density_uc_per_cm2 : float
        Charge of the first phase over the contact's area (µC/cm²).
    shannon_k : float
        log10(charge density) + log10(charge); −inf at no current.
    current_rms_ma : float
        r.m.s. current over the ON time (mA), ramps left out, an open gate counted as ON.
    density_rms_ma_per_cm2 : float
        The same over the contact's area (mA/cm²).
    dc_ma : float
        Mean (net, direct) current over the ON time (mA), without sign; an open gate counted as ON.
    density_dc_ma_per_cm2 : float
        The same over the contact's area (mA/cm²).
    pulse_energy_uj : float
        Energy of one pulse into `load_ohm` (µJ).
    load_ohm : float
    duty_pct, open_rate_hz : float
        Duty cycle (%), and mean pulses per second during ON time.
    doses_per_day : int
        Sittings in a day.
    area_mm2 : float
        Area of the contact at which the densities hold (mm²).
    """

    amplitude_ma: float
    charge_uc: float
    net_charge_uc: float
    charge_density_uc_per_cm2: float
    shannon_k: float
    current_rms_ma: float
    density_rms_ma_per_cm2: float
    dc_ma: float
    density_dc_ma_per_cm2: float
    pulse_energy_uj: float
    load_ohm: float
    duty_pct: float
    open_rate_hz: float
    doses_per_day: int
    area_mm2: float


def expose(protocol: Protocol, montage: Montage, *, load_ohm: float | None = None) -> Exposure:
    """Charge, densities and energy of a dose at the contact where they are largest.

    For two equal phases the r.m.s. current is I·sqrt(rate · width · 2); in general the sum runs over the phases,
    I²·width each, with the mean pulse rate of the ON time.

    Parameters
    ----------
    protocol : Protocol
    montage : Montage
    load_ohm : float, optional
        Resistance for the energy (Ω); else that of IEC 60601-2-10 (table `limits`, row pulse_energy).

    Raises
    ------
    InputError
        The load is not positive.

    Sources
    -------
    Shannon RV. IEEE Trans Biomed Eng 1992;39:424-426, doi:10.1109/10.126616: log10(D) = k − log10(Q), with D in
    µC/cm² and Q in µC per phase. IEC 60601-2-10: r.m.s. current density; energy per pulse I²·R·t.

    Examples
    --------
    >>> from datetime import date
    >>> from vagus.dose import Pulse, Train, devices, montage
    >>> pulse = Pulse(amplitude_ma=1.0, width_us=250, shape="biphasic_symmetric")
    >>> train = Train(pulse=pulse, rate_hz=20)
    >>> recipe = Protocol(train=train, on_s=30, off_s=300, sitting_min=1440, start=date(2026, 1, 12), weeks=52)
    >>> cuff = expose(recipe, montage(devices()["livanova_sentiva"], "cervical_left"))
    >>> round(cuff.charge_density_uc_per_cm2, 3), round(cuff.shannon_k, 3)
    (4.167, 0.018)
    """
    load_ohm = _standard_load_ohm() if load_ohm is None else load_ohm
    demand((outside("load_ohm", load_ohm, above=0, why="energy is spent in a load"),))
    pulse, rate_hz = protocol.train.pulse, protocol.train.open_rate_hz
    # current density is highest where much of the current meets little area
    share_per_mm2, area_mm2 = max(
        (abs(w) / c.area_mm2, c.area_mm2) for w, c in zip(montage.weights, montage.contacts, strict=True)
    )
    per_cm2 = 100 * share_per_mm2
    charge = pulse.charge_uc
    square_ma2_us = sum(phase.amplitude_ma**2 * phase.width_us for phase in pulse.phases)
    rms_ma = math.sqrt(square_ma2_us * 1e-6 * rate_hz)
    density = charge * per_cm2
    product = density * charge * share_per_mm2 * area_mm2
    net = abs(pulse.net_charge_uc)
    net = net if net > _ROUNDING * charge else 0.0
    dc_ma = net * rate_hz / 1000
    return Exposure(
        amplitude_ma=abs(pulse.amplitude_ma),
        charge_uc=charge,
        net_charge_uc=net,
        charge_density_uc_per_cm2=density,
        shannon_k=math.log10(product) if product > 0 else -math.inf,
        current_rms_ma=rms_ma,
        density_rms_ma_per_cm2=rms_ma * per_cm2,
        dc_ma=dc_ma,
        density_dc_ma_per_cm2=dc_ma * per_cm2,
        # mA² · µs · Ω = 1e-6 · 1e-6 J = 1e-6 µJ
        pulse_energy_uj=square_ma2_us * load_ohm * 1e-6,
        load_ohm=load_ohm,
        duty_pct=protocol.duty_pct,
        open_rate_hz=rate_hz,
        doses_per_day=int(protocol.sittings_per_day),
        area_mm2=area_mm2,
    )


@cache
def _standard_load_ohm() -> float:
    return next(float(row["load_ohm"]) for row in raw_rows("limits") if "load_ohm" in row)
