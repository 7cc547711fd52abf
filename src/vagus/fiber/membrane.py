"""Membranes as data: gates, currents, ions and geometry of an axon, each read from a table with its source."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, Literal

from vagus.errors import InputError, Problem, nearest
from vagus.fiber.model.formula import Node, name, number, parse
from vagus.fiber.model.ion import Calmodulin, Current, Ion, Pool, Term
from vagus.fiber.model.layout import Myelin, PassiveEnd, Sheath, Size
from vagus.fiber.model.rate import Gate, Rate, Sampled
from vagus.fiber.model.reading import merged, read_fields, toml_of
from vagus.source import Source
from vagus.tables import names, text_of


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Membrane:
    """One axon model as data: a table in ``tables/data/membranes``, or a file of one's own (`read_membrane`).

    Parameters
    ----------
    kind : "myelinated" or "unmyelinated"
        With `myelin` (double cable) or a `sheath` (insulator) between nodes, or one cable of sections of `section_um`.
    diameter_low_um, diameter_high_um : float
        Fiber diameters for which the model is valid; models with a table of sizes hold at its diameters only.
    ends : "passive" or "active"
        What the first and last node are, unless `Fiber.of` is told otherwise.
    speed_low_m_per_s_per_um, latency_ms : float
        Slowest conduction per um of diameter, and time to start: together the time a run waits for the spike.
    constants : tuple of (name, formula)
        Numbers that formulas share; they may name ``temperature_degc`` and those before them.
    balanced : tuple of str
        Ions whose currents are balanced at rest, each by a leak or, where that would be negative, by a constant pump.
    deviations : tuple of str
        Where the model departs from its paper.
    """

    key: str
    name: str
    kind: Literal["myelinated", "unmyelinated"]
    diameter_low_um: float
    diameter_high_um: float
    v_rest_mv: float
    temperature_degc: float
    node_cm_uf_per_cm2: float
    ra_ohm_cm: float
    speed_low_m_per_s_per_um: float
    latency_ms: float
    passive_end: PassiveEnd
    currents: tuple[Current, ...]
    sources: tuple[Source, ...]
    deviations: tuple[str, ...]
    gates: tuple[Gate, ...] = ()
    ions: tuple[Ion, ...] = ()
    constants: tuple[tuple[str, float | str], ...] = ()
    balanced: tuple[str, ...] = ()
    ends: Literal["passive", "active"] = "passive"
    section_um: float = 0.0
    myelin: Myelin | None = None
    sheath: Sheath | None = None
    verified: bool = False

    def __post_init__(self) -> None:
        problems = [*_layout_problems(self), *_key_problems(self)]
        if not problems:
            problems = _formula_problems(self)
        if problems:
            raise InputError(problems)

    @property
    def diameters_um(self) -> tuple[float, ...]:
        """The only diameters of a model with a table of sizes; () for all others."""
        return tuple(row.diameter_um for row in self.myelin.table) if self.myelin else ()

    def scope(self, *, temperature_degc: float) -> dict[str, Node]:
        """What any formula may name: temperature and constants (those of pools also ``diameter_um``)."""
        known: dict[str, Node] = {"temperature_degc": number(temperature_degc)}
        for key, text in self.constants:
            known[key] = parse(text, where=f"membrane {self.key}, constant {key}", known=known)
        return known

    def running_scope(self, known: Mapping[str, Node], *, temperature_degc: float) -> dict[str, Node]:
        """What formulas of currents and gates may name: all of `scope`, and voltage, gates and concentrations."""
        found = {**known, "v": name("v"), **{gate.key: name(gate.key) for gate in self.gates}}
        for ion in self.ions:
            found[f"{ion.key}i"] = name(f"{ion.key}i") if ion.inside else number(ion.inside_mm)
            found[f"{ion.key}o"] = name(f"{ion.key}o") if ion.outside else number(ion.outside_mm)
            fixed = number(reversal_mv(ion, temperature_degc=temperature_degc))
            found[f"e_{ion.key}"] = name(f"e_{ion.key}") if ion.moves else fixed
        return found


def reversal_mv(ion: Ion, *, temperature_degc: float) -> float:
    """Nernst potential at the start concentrations, its offset included.

    Examples
    --------
    >>> round(reversal_mv(Ion(key="k", valence=1, inside_mm=121.7, outside_mm=5.6), temperature_degc=37.0), 3)
    -82.286
    """
    ratio = parse("log(o / i)", where="", known={"o": number(ion.outside_mm), "i": number(ion.inside_mm)})
    return ion.nernst_mv(temperature_degc) * ratio.value + ion.offset_mv


def read_membrane(text: str, *, name: str) -> Membrane:
    """Membrane from the text of a TOML file.

    Parameters
    ----------
    text : str
        As in ``docs/rooms/fiber.md``; ``like = "mrg"`` starts from a model of the package. Formulas are parsed through
        a whitelist, never run as code.
    name : str
        What to call the file in messages.

    Raises
    ------
    InputError
        Not TOML, an unknown or missing field, a value that does not fit, a formula that cannot be read.

    Examples
    --------
    >>> from vagus.tables import text_of
    >>> read_membrane(text_of("membranes/sundt")[0], name="my.toml").v_rest_mv
    -60.0
    """
    raw = toml_of(text, name=name)
    like = raw.pop("like", None)
    if like is not None:
        if like not in membrane_keys():
            raise InputError(
                Problem(
                    what="like names no axon model",
                    where=name,
                    found=f"{like!r}",
                    allowed=nearest(str(like), membrane_keys()),
                )
            )
        raw = merged(_raw(like), raw)
    return read_fields(raw, Membrane, name=name)


def _raw(key: str) -> dict[str, Any]:
    raw = toml_of(text_of(f"membranes/{key}")[0], name=f"{key}.toml")
    like = raw.pop("like", None)
    return merged(_raw(like), raw) if like else raw


@cache
def membrane(key: str) -> Membrane:
    """Axon model of that key.

    Raises
    ------
    InputError
        There is no such model; the nearest key is named.

    Examples
    --------
    >>> membrane("sundt").v_rest_mv
    -60.0
    """
    if key not in membrane_keys():
        raise InputError(Problem(what="no such axon model", found=f'"{key}"', allowed=nearest(key, membrane_keys())))
    return read_membrane(text_of(f"membranes/{key}")[0], name=f"{key}.toml")


def membrane_keys() -> tuple[str, ...]:
    """Keys of all axon models in the package.

    Examples
    --------
    >>> "mrg" in membrane_keys()
    True
    """
    return tuple(name.removeprefix("membranes/") for name in names() if name.startswith("membranes/"))


def _layout_problems(data: Membrane) -> list[Problem]:
    where = f"membrane {data.key}"
    problems: list[Problem] = []
    given = [field for field in ("myelin", "sheath") if getattr(data, field) is not None]
    if data.kind == "myelinated" and len(given) != 1:
        problems.append(
            Problem(what="internode is not told", where=where, found=" and ".join(given) or "neither",
                    allowed="a myelinated model has either [myelin] or [sheath]")
        )  # fmt: skip
    if data.kind == "unmyelinated" and given:
        problems.append(
            Problem(
                what="myelin belongs to a myelinated model only", where=where, found=given[0], allowed="leave it out"
            )
        )
    if data.kind == "unmyelinated" and not data.section_um > 0:
        problems.append(
            Problem(what="section_um is missing", where=where, found=f"{data.section_um:g}", allowed="above 0")
        )
    for field in ("diameter_low_um", "temperature_degc", "node_cm_uf_per_cm2", "ra_ohm_cm", "speed_low_m_per_s_per_um"):
        value = getattr(data, field)
        if not 0 < value < 1e6:
            problems.append(
                Problem(what=f"{field} is out of range", where=where, found=f"{value:g}", allowed="above 0")
            )
    problems += [
        Problem(
            what=f"{side} is no concentration", where=f"{where}, ion {ion.key}", found=f"{value:g}", allowed="above 0"
        )
        for ion in data.ions
        for side, value in (("inside_mm", ion.inside_mm), ("outside_mm", ion.outside_mm))
        if not value > 0
    ]
    problems += [
        Problem(what="valence is 0", where=f"{where}, ion {ion.key}", found="0", allowed="1, 2, -1 and so on")
        for ion in data.ions
        if ion.valence == 0
    ]
    if data.diameter_high_um < data.diameter_low_um:
        problems.append(
            Problem(
                what="diameter_high_um lies below diameter_low_um", where=where, found=f"{data.diameter_high_um:g}",
                allowed=f"{data.diameter_low_um:g} or more",
            )
        )  # fmt: skip
    return problems


def _key_problems(data: Membrane) -> list[Problem]:
    """Names that point nowhere, and names given twice."""
    where = f"membrane {data.key}"
    gates, ions = [g.key for g in data.gates], [i.key for i in data.ions]
    problems = [
        Problem(what=f"two {what} have one key", where=where, found=f'"{key}"', allowed="a key of its own")
        for what, keys in (("gates", gates), ("ions", ions), ("currents", [c.key for c in data.currents]))
        for key in sorted({key for key in keys if keys.count(key) > 1})
    ]
    for current in data.currents:
        at = f"{where}, current {current.key}"
        for term in current.products:
            problems += [
                Problem(
                    what="a current names a gate that is not there", where=at, found=gate, allowed=nearest(gate, gates)
                )
                for gate, _ in term.powers
                if gate not in gates
            ]
            problems += [
                Problem(what="power of a gate is out of range", where=at, found=f"{gate} ** {power}", allowed="1 to 8")
                for gate, power in term.powers
                if not 1 <= power <= 8
            ]
        problems += [
            Problem(what="a current names an ion that is not there", where=at, found=ion, allowed=nearest(ion, ions))
            for ion, _ in current.shares
            if ion not in ions
        ]
        if not current.formula and (current.e_mv is None) == (not current.e):
            problems.append(
                Problem(what="reversal is not told", where=at, found="both" if current.e else "neither",
                        allowed="either e_mv or e (an ion)")
            )  # fmt: skip
    problems += [
        Problem(what="balanced names an ion that is not there", where=where, found=ion, allowed=nearest(ion, ions))
        for ion in data.balanced
        if ion not in ions
    ]
    return problems


def _formula_problems(data: Membrane) -> list[Problem]:
    """Each formula is read once, at a diameter in range, so that a wrong one shows when the file is read."""
    where = f"membrane {data.key}"
    diameter_um = (data.diameters_um or (data.diameter_low_um,))[0]
    degc = data.temperature_degc
    try:
        known = data.scope(temperature_degc=degc)
        running = data.running_scope(known, temperature_degc=degc)
    except InputError as error:
        return list(error.problems)
    sized = {**known, "diameter_um": number(diameter_um)}
    gate_keys = frozenset(gate.key for gate in data.gates)
    no_gates = {key: tree for key, tree in running.items() if key not in gate_keys}
    no_voltage = {key: tree for key, tree in no_gates.items() if key != "v"}
    attempts: list[Callable[[], object]] = [
        partial(gate.trees, no_gates, temperature_degc=degc, where=f"{where}, gate {gate.key}") for gate in data.gates
    ]
    for current in data.currents:
        at = f"{where}, current {current.key}"
        attempts += [
            partial(parse, text, where=f"{at}, {field}", known=scope)
            for field, text, scope in (
                ("g_s_per_cm2", current.g_s_per_cm2, known),
                ("e_mv", current.e_mv or 0.0, known),
                ("factor", current.factor or 0.0, no_voltage),
                ("formula", current.formula or 0.0, running),
            )
        ]
    attempts += [
        partial(parse, getattr(pool, field), where=f"{where}, ion {ion.key}, {side}.{field}", known=sized)
        for ion in data.ions
        for side, pool in (("inside", ion.inside), ("outside", ion.outside))
        if pool is not None
        for field in ("per_current", "per_ms")
    ]
    attempts += [partial(data.sheath.at, diameter_um)] if data.sheath else []
    attempts += [partial(data.myelin.size, diameter_um)] if data.myelin else []
    problems: list[Problem] = []
    for attempt in attempts:
        try:
            attempt()
        except InputError as error:
            problems.extend(error.problems)
    return problems


__all__ = [
    "Calmodulin", "Current", "Gate", "Ion", "Membrane", "Myelin", "PassiveEnd", "Pool", "Rate", "Sampled", "Sheath",
    "Size", "Term", "membrane", "membrane_keys", "read_membrane", "reversal_mv",
]  # fmt: skip
