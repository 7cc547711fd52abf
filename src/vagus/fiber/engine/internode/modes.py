"""Internodes as real modes.

The compartments between two nodes are linear: ``C x' = -G x + b_l W_l + b_r W_r + s I`` with C and G symmetric and
positive definite. ``G f = k C f`` gives real rates k (1/ms); a mode q moves as ``q' = -k q + a_l W_l + a_r W_r + s I``
and gives the current ``a q`` back to each node. Interior internodes are mirror images of themselves: half of their
modes see the sum of their nodes' voltages, half the difference.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vagus.errors import InputError, Problem
from vagus.fiber.axon import Fiber

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Modes:
    """Modes of like internodes of several fibers.

    Parameters
    ----------
    rate : (fiber, mode) array
        1/ms.
    left, right : (fiber, mode) array
        Coupling to the nodes.
    shape : (fiber, compartment, mode) array
        What a mode holds of each unknown: axon first, then periaxonal space.
    """

    rate: FloatArray
    left: FloatArray
    right: FloatArray
    shape: FloatArray

    def static(self, source: FloatArray) -> FloatArray:
        """Static answer of each mode to currents into the unknowns, (fiber, internode, compartment) nA."""
        return np.einsum("fcm,fjc->fmj", self.shape, source) / self.rate[:, :, None]


def links(fiber: Fiber) -> tuple[FloatArray, FloatArray]:
    """Axial and periaxonal conductance (uS) between neighbors."""
    axial = 1.0 / (fiber.half_axial_mohm[:-1] + fiber.half_axial_mohm[1:])
    gaps = fiber.half_periaxial_mohm[:-1] + fiber.half_periaxial_mohm[1:]
    return axial, np.divide(1.0, gaps, out=np.zeros_like(gaps), where=gaps > 0)


def divergence(link: FloatArray, potential: FloatArray) -> FloatArray:
    """Current into each compartment (last axis) through links."""
    flow = link * np.diff(potential, axis=-1)
    total = np.zeros_like(potential)
    total[..., :-1] += flow
    total[..., 1:] -= flow
    return total


def interior_modes(fibers: Sequence[Fiber]) -> tuple[Modes, Modes]:
    """Even and odd modes of the internodes that are not at an end; shapes are of half an internode, over sqrt 2.

    Raises
    ------
    InputError
        An internode is no mirror image of itself.
    """
    c, g, left, _ = _matrices(fibers, 1)
    depth = fibers[0].per_internode
    near = np.concatenate([np.arange(depth // 2), depth + np.arange(depth // 2)])
    far = np.concatenate([depth - 1 - np.arange(depth // 2), 2 * depth - 1 - np.arange(depth // 2)])
    mirror = np.concatenate([np.arange(depth)[::-1], depth + np.arange(depth)[::-1]])
    if depth % 2 or not np.allclose(g, g[:, mirror][:, :, mirror], rtol=1e-9, atol=0.0):
        raise InputError(
            Problem(what="internode is no mirror image of itself", found=f"{depth} compartments",
                    allowed="an even number of compartments, the same from both sides")
        )  # fmt: skip
    found = []
    for sign in (1.0, -1.0):
        half_c, half_g = (m[:, near][:, :, near] + sign * m[:, near][:, :, far] for m in (c, g))
        rate, shape = _eigen(half_c, half_g)
        couple = np.einsum("fc,fcm->fm", left[:, near] / np.sqrt(2.0), shape)
        found.append(Modes(rate=rate, left=couple, right=sign * couple, shape=shape / np.sqrt(2.0)))
    return found[0], found[1]


def end_modes(fibers: Sequence[Fiber]) -> tuple[Modes, Modes]:
    """Modes of the first and of the last internode, which is its mirror image."""
    c, g, left, right = _matrices(fibers, 0)
    depth = fibers[0].per_internode
    rate, shape = _eigen(c, g)
    mirror = np.concatenate([np.arange(depth)[::-1], depth + np.arange(depth)[::-1]])
    to_left, to_right = (np.einsum("fc,fcm->fm", b, shape) for b in (left, right))
    return (
        Modes(rate=rate, left=to_left, right=to_right, shape=shape),
        Modes(rate=rate, left=to_right, right=to_left, shape=shape[:, mirror]),
    )


def _matrices(fibers: Sequence[Fiber], which: int) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """C, G and the couplings to both nodes of one internode of each fiber."""
    depth, n = fibers[0].per_internode, len(fibers)
    c, g = np.zeros((n, 2 * depth, 2 * depth)), np.zeros((n, 2 * depth, 2 * depth))
    left, right = np.zeros((n, 2 * depth)), np.zeros((n, 2 * depth))
    w, u = np.arange(depth), depth + np.arange(depth)
    for f, fiber in enumerate(fibers):
        first = int(fiber.node_index[which]) + 1
        here = slice(first, first + depth)
        axial, periaxial = (link[first - 1 : first + depth] for link in links(fiber))
        c_axon, c_myelin = fiber.c_nf[here], fiber.c_myelin_nf[here]
        c[f, w, w], c[f, u, u], c[f, w, u], c[f, u, w] = c_axon, c_axon + c_myelin, -c_axon, -c_axon
        across = fiber.g_us[here]
        g[f, w, w] = across + axial[:-1] + axial[1:]
        g[f, u, u] = across + fiber.g_myelin_us[here] + periaxial[:-1] + periaxial[1:]
        g[f, w, u] = g[f, u, w] = -across
        for rows, link in ((w, axial), (u, periaxial)):
            g[f, rows[:-1], rows[1:]] = g[f, rows[1:], rows[:-1]] = -link[1:-1]
        left[f, 0], right[f, depth - 1] = axial[0], axial[-1]
    return c, g, left, right


def _eigen(c: FloatArray, g: FloatArray) -> tuple[FloatArray, FloatArray]:
    root = np.linalg.inv(np.linalg.cholesky(c))
    turned = root @ g @ root.transpose(0, 2, 1)
    rate, vector = np.linalg.eigh(0.5 * (turned + turned.transpose(0, 2, 1)))
    shape = np.asarray(root.transpose(0, 2, 1) @ vector, dtype=np.float64)
    return np.asarray(rate, dtype=np.float64), shape
