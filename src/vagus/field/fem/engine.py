"""Potentials on a mesh, by NGSolve: two spaces joined by sheets, contacts at one potential, one factorization."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vagus.field.fem.columns import GROUND, Columns
from vagus.field.fem.section import extra

FloatArray = NDArray[np.float64]

# lengths in mm, conductivity in S/m, current in mA make potentials in V; a sheet in ohm m2 counts a thousand times
SHEET_MM = 1e3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class System:
    """An assembled and factorized problem; the last space holds contacts, the first what lies within sheets."""

    mesh: Any
    space: Any
    form: Any
    inverse: Any
    contacts: tuple[str, ...]
    ground: str


def mesh_of(columns: Columns, materials: Sequence[str]) -> tuple[Any, NDArray[np.int64]]:
    """NGSolve's mesh of columns, and the cells (triangle, layer) in the order of its elements."""
    netgen, ngsolve = extra("netgen.meshing"), extra("ngsolve")
    corners, planes = columns.section.corners_um, columns.heights_um.shape[1]
    points = np.column_stack([np.repeat(corners, planes, axis=0), columns.heights_um.ravel()]) * 1e-3
    parts: list[tuple[str, NDArray[np.int64], int]] = []
    order: list[NDArray[np.int64]] = []
    for k, name in enumerate(materials):
        t, layer = np.nonzero(columns.cells == k)
        order.append(np.stack([t, layer], axis=1))
        parts.append((name, np.hstack([columns.floors(t, layer), columns.floors(t, layer + 1)]), 3))
    names = list(columns.faces)
    for name in names:
        parts += [(name, columns.faces[name].quads, 2), (name, columns.faces[name].triangles, 2)]
    used = np.unique(np.concatenate([part.ravel() for _, part, dim in parts if dim == 3]))
    fresh = np.full(len(points), -1)
    fresh[used] = np.arange(used.size)
    mesh = netgen.Mesh(dim=3)
    mesh.AddPoints(np.ascontiguousarray(points[used]))
    for k in range(len(names)):
        mesh.Add(netgen.FaceDescriptor(surfnr=k + 1, domin=1, domout=0, bc=k + 1))
    for name, part, dim in parts:
        index = (list(materials) if dim == 3 else names).index(name) + 1
        if len(part):
            mesh.AddElements(dim=dim, index=index, data=fresh[part].astype(np.int32), base=0)
    for k, name in enumerate(materials):
        mesh.SetMaterial(k + 1, name)
    for k, name in enumerate(names):
        mesh.SetBCName(k, name)
    return ngsolve.Mesh(mesh), np.concatenate(order)


def assemble(
    mesh: Any, *, conductivity: Mapping[str, tuple[float, float, float]], sheets: Mapping[str, float],
    inner: Sequence[str], contacts: Sequence[str], ground: str = GROUND, order: int,
) -> System:  # fmt: skip
    """The problem div(sigma grad V) = 0, assembled and factorized.

    Materials in `inner` form a space of their own; at each of `sheets` (ohm m2) its potential and that of the other one
    make a current n.J = (V1 - V2) / rho.
    """
    ng = extra("ngsolve")
    around = [name for name in conductivity if name not in inner]
    fixed = "|".join([ground, *contacts])
    spaces = [
        ng.H1(mesh, order=order, definedon="|".join(names), dirichlet=fixed) for names in (inner, around) if names
    ]
    space = ng.FESpace(spaces) if len(spaces) > 1 else spaces[0]
    trial, test = space.TnT()
    pairs = list(zip(trial, test, strict=True)) if len(spaces) > 1 else [(trial, test)]
    sigma = mesh.MaterialCF({name: (a, 0, 0, 0, b, 0, 0, 0, c) for name, (a, b, c) in conductivity.items()})
    sigma = ng.CoefficientFunction(sigma, dims=(3, 3))
    form = ng.BilinearForm(space, symmetric=True)
    for (u, v), names in zip(pairs, [names for names in (inner, around) if names], strict=True):
        form += (sigma * ng.grad(u)) * ng.grad(v) * ng.dx("|".join(names))
    for name, value in sheets.items():
        (u1, v1), (u2, v2) = pairs
        form += SHEET_MM**-1 / value * (u1 - u2) * (v1 - v2) * ng.ds(name)
    with ng.TaskManager():
        form.Assemble()
        inverse = form.mat.Inverse(space.FreeDofs(), inverse="sparsecholesky")
    return System(mesh=mesh, space=space, form=form, inverse=inverse, contacts=tuple(contacts), ground=ground)


def components(function: Any) -> list[Any]:
    """Parts of a function, one a space."""
    return list(function.components) or [function]


def raised(system: System, name: str, value: Any = 1.0) -> Any:
    """A function that has a value on one boundary and is 0 at all other unknowns."""
    function = extra("ngsolve").GridFunction(system.space)
    for part in components(function):
        part.Set(value, definedon=system.mesh.Boundaries(name))
    return function


def contact_functions(system: System) -> tuple[list[Any], FloatArray, FloatArray]:
    """Potential (V) where each contact is at 1 V and all others at 0; current (mA) out of each contact; into ground.

    Currents are consistent residuals: what the assembled equations leave at a boundary's unknowns.
    """
    ng = extra("ngsolve")
    ones = [raised(system, name) for name in system.contacts]
    ground = raised(system, system.ground)
    found: list[Any] = []
    current, grounded = np.empty((len(ones),) * 2), np.empty(len(ones))
    with ng.TaskManager():
        for k, one in enumerate(ones):
            function = ng.GridFunction(system.space)
            function.vec.data = one.vec
            rest = function.vec.CreateVector()
            for _ in range(2):  # the second pass takes away what the factorization's rounding left
                rest.data = -system.form.mat * function.vec
                function.vec.data += system.inverse * rest
            rest.data = system.form.mat * function.vec
            current[:, k] = [ng.InnerProduct(rest, other.vec) for other in ones]
            grounded[k] = ng.InnerProduct(rest, ground.vec)
            found.append(function)
    return found, current, grounded


def driven_function(system: System, *, outside_v: Any = 0.0, point_um: Sequence[float] | None = None) -> Any:
    """Potential (V) where the ground carries `outside_v` (a number or NGSolve's function of mm) and contacts are at 0.

    A point, where there is one, gives 1 mA in the last space.
    """
    ng = extra("ngsolve")
    load = ng.LinearForm(system.space)
    if point_um is not None:
        test = system.space.TestFunction()
        test = test[-1] if isinstance(test, (list, tuple)) else test
        load += test(*(1e-3 * c for c in point_um))
    load.Assemble()
    function = raised(system, system.ground, outside_v)
    rest = function.vec.CreateVector()
    with ng.TaskManager():
        for _ in range(2):
            rest.data = load.vec - system.form.mat * function.vec
            function.vec.data += system.inverse * rest
    return function


def nodal(system: System, functions: Sequence[Any], places: FloatArray, materials: Sequence[str]) -> list[FloatArray]:
    """Values (n_element, n_place) of each function at places of the reference prism, in elements of some materials."""
    ng = extra("ngsolve")
    rule = ng.IntegrationRule([tuple(map(float, p)) for p in places], [1.0] * len(places))
    mapped = system.mesh.MapToAllElements({ng.ET.PRISM: rule}, system.mesh.Materials("|".join(materials)))
    return [np.asarray(function(mapped)).reshape(-1, len(places)) for function in functions]
