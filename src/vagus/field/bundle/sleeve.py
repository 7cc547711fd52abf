"""Current into the sleeve: contacts on it, what lies around it, and tubes of insulation."""

from __future__ import annotations

import functools
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ive, jv, kve

from vagus.field.bundle.bundle import Bundle
from vagus.field.bundle.waves import Within, slope_i, slope_k
from vagus.field.cylinder.nested import Cylinder
from vagus.field.cylinder.potential import spectrum_of
from vagus.field.electrode.contact import Patch

FloatArray = NDArray[np.float64]
ComplexArray = NDArray[np.complex128]

# jump of the potential across a tube: orders around it (-TURNS ... TURNS), functions along it; along a helix's turn,
# where there are more than two tubes
TURNS, ALONG, ALONG_TURN = 10, 16, 8
# waves that a tube of this many of its functions still feels, against its half length
WAVES = 120.0


class Grid(NamedTuple):
    """Values at a few waves, drawn out to many: four neighbours of each, and their weights."""

    first: NDArray[np.int64]
    weight: FloatArray

    @staticmethod
    def between(known: FloatArray, asked: FloatArray) -> Grid:
        """Cubic in the logarithm of the wave."""
        x, at = np.log(known), np.log(asked)
        first = np.clip(np.searchsorted(x, at) - 2, 0, x.size - 4)
        near = x[first + np.arange(4)[:, None]]
        weight = np.ones_like(near)
        for i in range(4):
            for j in range(4):
                if i != j:
                    weight[i] *= (at - near[j]) / (near[i] - near[j])
        return Grid(first, weight)

    def of(self, values: ComplexArray) -> ComplexArray:
        """Values, their first axis the wave."""
        tail = (1,) * (values.ndim - 1)
        parts = (w.reshape(-1, *tail) * values[self.first + i] for i, w in enumerate(self.weight))
        return functools.reduce(np.add, parts)


def shape_of(bundle: Bundle, contact: Patch, m: NDArray[np.int64], wave: FloatArray) -> FloatArray:
    """Current density of 1 A from a contact in the middle: (waves, orders), 1 for the slowest.

    Its shape over the contact is the one that puts a contact at one potential on a nerve without fascicles. Against
    negative waves orders stand in reverse.
    """
    inner = ((bundle.epineurium_um, bundle.epineurium_s_per_m), *((high, sigma) for _, high, sigma in bundle.layers))
    insulated = bundle.walled or bool(bundle.tubes_um)
    beyond = () if insulated else (*bundle.shells, (np.inf, bundle.around_s_per_m))
    outer, sigma = zip(*inner, *beyond, strict=True)
    plain = Cylinder(radius_um=outer, along_s_per_m=sigma, across_s_per_m=sigma)
    spectrum = spectrum_of(plain, replace(contact, z_um=0.0, angle_deg=0.0), 1e-6 * contact.radius_um)
    return np.ascontiguousarray(spectrum(m.astype(np.float64)[:, None], wave).T)


def placed(shape: FloatArray, contact: Patch, m: NDArray[np.int64], wave: FloatArray) -> ComplexArray:
    """The same of a contact at its place."""
    along = np.exp(-1e-6j * contact.z_um * wave)
    return shape * along[:, None] * np.exp(-1j * m * np.radians(contact.angle_deg))


def admittance(bundle: Bundle, m: NDArray[np.int64], wave: FloatArray) -> FloatArray:
    """Current density that leaves the sleeve outward, per potential on it: (waves, orders)."""
    if bundle.walled:
        return np.zeros((wave.size, m.size))
    # an order and its negative are alike
    n, which = np.unique(np.abs(m), return_inverse=True)
    k = wave[:, None]
    edges = [1e-6 * bundle.sleeve_um, *(1e-6 * radius for radius, _ in bundle.shells)]
    found = bundle.around_s_per_m * k * slope_k(n, k * edges[-1])
    for (_, sigma), low, high in zip(bundle.shells[::-1], edges[-2::-1], edges[:0:-1], strict=True):
        rise, fall = slope_i(n, k * high), slope_k(n, k * high)
        # both against the outgoing wave at the inner face, so that nothing grows
        regular = (fall - found / (sigma * k)) * ive(n, k * low) / ive(n, k * high) * kve(n, k * high) / kve(n, k * low)
        regular = regular * np.exp(2.0 * k * (low - high))
        outgoing = rise + found / (sigma * k)
        steep = slope_i(n, k * low) * regular - slope_k(n, k * low) * outgoing
        found = -sigma * k * steep / (regular + outgoing)
    return found[:, which]


def rising(bundle: Bundle, inner: Within, m: NDArray[np.int64], wave: FloatArray) -> ComplexArray:
    """Amplitude of the regular waves per current density brought onto the sleeve: (waves, M, M)."""
    held = admittance(bundle, m, wave)[:, :, None] * inner.potential - inner.current
    return np.asarray(np.linalg.inv(held), dtype=np.complex128)


class Tubes(NamedTuple):
    """Tubes of insulation, solved: jumps of the potential across them per current of each contact."""

    bundle: Bundle
    m: NDArray[np.int64]
    jump: ComplexArray

    def current(self, wave: FloatArray) -> ComplexArray:
        """What the jumps add to the contacts' current density: (contacts, waves, orders)."""
        held = np.abs(self.m) <= TURNS
        found = np.zeros((self.jump.shape[0], wave.size, self.m.size), dtype=np.complex128)
        along = _along(self.bundle, wave)
        found[:, :, held] = -admittance(self.bundle, self.m[held], wave) * np.einsum(
            "ctm,tk->ckm", self.jump, along, optimize=True
        )
        return found


def solve_tubes(
    bundle: Bundle, contacts: tuple[Patch, ...], inner: Within, *, rise: ComplexArray, known: FloatArray,
    m: NDArray[np.int64], wave: FloatArray, shapes: list[FloatArray],
) -> Tubes:  # fmt: skip
    """No current passes a tube: Galerkin's method for the jump of the potential across it."""
    held = np.flatnonzero(np.abs(m) <= TURNS)
    half = 0.5e-6 * min(length for _, length in bundle.tubes_um)
    wave = wave[: max(2, int(np.searchsorted(wave, WAVES / half)))]
    out = admittance(bundle, m, known)
    grid = Grid.between(known, wave)
    along = _along(bundle, wave)
    through = grid.of((-(inner.current @ rise) * out[:, None, :])[:, held[:, None], held])
    tested = np.einsum("ak,bk->kab", along.conj(), along).real
    matrix = np.tensordot(through, 2.0 * tested, axes=(0, 0)).transpose(2, 0, 3, 1)
    size = along.shape[0] * held.size
    matrix = matrix.reshape(size, size)
    passing = grid.of((out[:, :, None] * (inner.potential @ rise))[:, held])
    jump = np.empty((len(contacts), along.shape[0], held.size), dtype=np.complex128)
    for number, (contact, shape) in enumerate(zip(contacts, shapes, strict=True)):
        up, down = shape[: wave.size], shape[: wave.size, ::-1]
        reached = np.einsum("khm,km->kh", passing, placed(up, contact, m, wave))
        back = np.einsum("khm,km->kh", passing, placed(down, contact, m, -wave))
        total = along.conj() @ reached + along @ back
        jump[number] = np.linalg.solve(matrix, -total.ravel()).reshape(total.shape)
    return Tubes(bundle, m, jump)


def _along(bundle: Bundle, wave: FloatArray) -> ComplexArray:
    """Waves of sqrt(1 - u²) U_n(u) along each tube: (tubes times functions, waves)."""
    n = np.arange(ALONG if len(bundle.tubes_um) <= 2 else ALONG_TURN)[:, None]
    found = []
    for z_um, length_um in bundle.tubes_um:
        half = 0.5e-6 * length_um
        found.append((-1j) ** n * (n + 1) * jv(n + 1, half * wave) / (half * wave) * np.exp(-1e-6j * z_um * wave))
    return np.concatenate(found)
