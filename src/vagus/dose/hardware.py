"""What a device can do, held against what it is asked to do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from vagus.dose.device import Device
from vagus.dose.limits import Limit, Severity
from vagus.dose.protocol import Protocol
from vagus.dose.pulse import Train


def hardware_limits(protocol: Protocol, device: Device) -> tuple[Limit, ...]:
    """Limits of the device: amplitude, its step, width, rate, waveform and bursts.

    An amplitude below the device's lowest is warned, not refused: it cannot be delivered, but harms no one. So is any
    amplitude of a device whose range is not public: whether it is delivered cannot be checked.

    Parameters
    ----------
    protocol : Protocol
    device : Device

    Examples
    --------
    >>> from datetime import date
    >>> from vagus.dose import Pulse, Train, devices
    >>> train = Train(pulse=Pulse(amplitude_ma=6, width_us=250, shape="biphasic_symmetric"), rate_hz=25)
    >>> recipe = Protocol(train=train, on_s=28, off_s=32, sitting_min=60, start=date(2026, 1, 12), weeks=8)
    >>> [limit.key for limit in hardware_limits(recipe, devices()["tvnsr"]) if limit.state == "refused"]
    ['device_amplitude']
    """
    train = protocol.train
    return (
        *_amplitude(train, device),
        *_width(train, device),
        *_rate(train, device),
        *_waveform(train, device),
        *_burst(train, device),
    )


def _limit(
    device: Device,
    fields: tuple[str, ...],
    *,
    key: str,
    quantity: str,
    text: str,
    over: bool | None,
    severity: Severity = "hard",
    unit: str = "",
    value: float | None = None,
    limit: float | None = None,
    side: Literal["max", "min", "rule"] = "rule",
) -> Limit:
    """Limit that rests on these fields of the device; `over` None: not known."""
    exceeded = "refused" if severity == "hard" else "warned"
    return Limit(
        key=key,
        quantity=quantity,
        unit=unit,
        value=value,
        limit=limit,
        side=side,
        severity=severity,
        state="unknown" if over is None else exceeded if over else "ok",
        text=text,
        source=device.source_of(*fields),
    )


def _amplitude(train: Train, device: Device) -> Iterator[Limit]:
    value = abs(train.pulse.amplitude_ma)
    quantity = "amplitude"
    if train.pulse.amplitude_ma < 0:
        quantity = f"magnitude of the amplitude (first phase −{value:g} mA)"
    high, low, step = device.amplitude_high_ma, device.amplitude_low_ma, device.amplitude_step_ma
    yield _limit(
        device,
        ("amplitude_high_ma",),
        key="device_amplitude",
        quantity=quantity,
        unit="mA",
        value=value,
        limit=high,
        side="max",
        severity="hard" if high is not None else "soft",
        text=f"the highest output of {device.name}"
        if high is not None
        else f"cannot be checked, as the output of {device.name} is not public: measure what it delivers",
        over=high is None or value > high * (1 + 1e-9),
    )
    if low:
        yield _limit(
            device,
            ("amplitude_low_ma",),
            key="device_amplitude_low",
            quantity=quantity,
            unit="mA",
            value=value,
            limit=low,
            side="min",
            severity="soft",
            text=f"the lowest output of {device.name}",
            over=value < low * (1 - 1e-9),
        )
    if step is not None:
        below = int(value / step + 1e-6) * step
        off = abs(value / step - round(value / step)) > 1e-6
        text = f"{value:g} mA is a step of {device.name} ({step:g} mA)"
        if off:
            text = f"{device.name} goes in steps of {step:g} mA: {below:g} or {below + step:g} mA, not {value:g} mA"
        yield _limit(
            device,
            ("amplitude_step_ma",),
            key="device_step",
            quantity="step of the amplitude",
            severity="soft",
            text=text,
            over=off,
        )


def _width(train: Train, device: Device) -> Iterator[Limit]:
    value = train.pulse.width_us
    if device.widths_us:
        choices = ", ".join(f"{width:g}" for width in device.widths_us)
        yield _limit(
            device,
            ("widths_us",),
            key="device_width",
            quantity="width of the first phase",
            unit="µs",
            value=value,
            text=f"{device.name} offers {choices} µs",
            over=all(abs(value - width) > 1e-6 * width for width in device.widths_us),
        )
        return
    fields = ("width_low_us", "width_high_us")
    yield from _span(device, fields, key="device_width", quantity="width of the first phase", unit="µs", value=value)


def _rate(train: Train, device: Device) -> Iterator[Limit]:
    quantity = "pulse rate inside a burst" if train.pulses_per_burst else "pulse rate"
    fields = ("rate_low_hz", "rate_high_hz")
    yield from _span(device, fields, key="device_rate", quantity=quantity, unit="Hz", value=train.rate_hz)


def _span(
    device: Device,
    fields: tuple[str, str],
    *,
    key: str,
    quantity: str,
    unit: str,
    value: float,
) -> Iterator[Limit]:
    """One limit of a range: the bound that is exceeded, else the upper one."""
    low, high = getattr(device, fields[0]), getattr(device, fields[1])
    if low is None or high is None:
        text = f"the range of {device.name} is not public, or set by its trigger"
        yield _limit(
            device, fields, key=key, quantity=quantity, unit=unit, value=value, side="max", text=text, over=None
        )
        return
    under, over = value < low * (1 - 1e-9), value > high * (1 + 1e-9)
    fixed = low == high
    text = (
        f"{device.name} gives {low:g} {unit} and nothing else"
        if fixed
        else f"{device.name} gives {low:g} to {high:g} {unit}"
    )
    yield _limit(
        device,
        fields,
        key=key,
        quantity=quantity,
        unit=unit,
        value=value,
        # a fixed value has no margin: 25 Hz of 25 Hz is not "at the limit"
        limit=None if fixed else low if under else high,
        side="rule" if fixed else "min" if under else "max",
        text=text,
        over=under or over,
    )


def _waveform(train: Train, device: Device) -> Iterator[Limit]:
    if not device.waveforms:
        return
    shape = train.pulse.shape
    yield _limit(
        device,
        ("waveforms",),
        key="device_waveform",
        quantity="waveform",
        severity="soft",
        text=f"{device.name} gives {' or '.join(device.waveforms)}, asked is {shape}".replace("_", " "),
        over=shape not in device.waveforms,
    )


def _burst(train: Train, device: Device) -> Iterator[Limit]:
    asked = (train.pulses_per_burst, train.burst_rate_hz)
    if device.pulses_per_burst is not None:
        want = (device.pulses_per_burst, device.burst_rate_hz)
        yield _limit(
            device,
            ("pulses_per_burst", "burst_rate_hz"),
            key="device_burst",
            quantity="bursts",
            text=f"{device.name} gives bursts of {want[0]} pulses at {want[1]:g} bursts a second and nothing else",
            over=asked != want,
        )
    elif train.pulses_per_burst is not None and device.rate_high_hz is not None:
        yield _limit(
            device,
            ("rate_high_hz",),
            key="device_burst",
            quantity="bursts",
            severity="soft",
            text=f"{device.name} is not known to give microbursts",
            over=True,
        )
