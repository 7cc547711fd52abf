"""Run by a Python that has NGSolve (6.2.2608): a fascicle with its sheet in a walled cylinder, by finite elements.

Writes `tests/data/cylinder_fem.csv` (x, y, z in µm, mV per mA) into the folder that is its argument: 200 seeded places,
half of them inside the fascicle. A patch of 100 degrees and 775 µm on the wall is at one potential, ends at 0; the
perineurium is a contact impedance n·J = (V1 - V2) / rho between two spaces, and the current is the consistent residual.
An optional second argument coarsens the mesh. About 60,000 curved elements of order 3; minutes.
"""

# This file imports the peer, so it is run by hand and imported by nothing.
import sys
from pathlib import Path

import numpy as np
from netgen.occ import Cylinder, Glue, MoveTo, OCCGeometry, Pnt, Z  # pyright: ignore
from ngsolve import (  # pyright: ignore[reportMissingImports]
    H1,
    BilinearForm,
    CoefficientFunction,
    GridFunction,
    InnerProduct,
    Mesh,
    TaskManager,
    ds,
    dx,
    grad,
)

# mm; S/mm; ohm mm2
FASCICLE, WALL, HALF, LENGTH, ARC_DEG = 0.25, 1.0, 8.0, 0.775, 100.0
ALONG, ACROSS, AROUND, SHEET = 0.571e-3, 0.167e-3, 0.159e-3, 0.0333e6


def shape(coarse: float):
    core = Cylinder(Pnt(0, 0, -HALF), Z, r=FASCICLE, h=2 * HALF)
    ring = Cylinder(Pnt(0, 0, -HALF), Z, r=WALL, h=2 * HALF) - core
    x, y = 3 * np.cos(np.radians(ARC_DEG / 2)), 3 * np.sin(np.radians(ARC_DEG / 2))
    wedge = MoveTo(0, 0).LineTo(x, -y).LineTo(x, y).Close().Face().Extrude(LENGTH).Move((0, 0, -LENGTH / 2))
    wedge = wedge - Cylinder(Pnt(0, 0, -HALF), Z, r=0.9 * WALL, h=2 * HALF)
    whole = Glue([core, Glue([ring - wedge, ring * wedge])])
    for solid in whole.solids:
        low, high = solid.bounding_box
        slim = high[0] - low[0] < 2.4 * FASCICLE and high[2] - low[2] > HALF
        solid.mat("endoneurium" if slim else "around")
    for face in whole.faces:
        low, high = face.bounding_box
        size = [high[k] - low[k] for k in range(3)]
        if size[2] < 1e-6 and abs(abs(face.center.z) - HALF) < 1e-6:
            face.name = "end"
        elif abs(size[2] - LENGTH) < 1e-3 and high[0] > 0.99 * WALL and face.center.x > 0.7 * WALL:
            face.name, face.maxh = "patch", 0.04 * coarse
        elif abs(size[0] - 2 * FASCICLE) < 1e-2:
            face.name, face.maxh = "sheet", 0.1 * coarse
    return whole


def main() -> None:
    coarse = float(sys.argv[2]) if len(sys.argv) > 2 else 1.0
    mesh = Mesh(OCCGeometry(shape(coarse)).GenerateMesh(maxh=0.3 * coarse, grading=0.3)).Curve(3)
    inside = H1(mesh, order=3, definedon="endoneurium", dirichlet="end")
    around = H1(mesh, order=3, definedon="around", dirichlet="end|patch")
    space = inside * around
    (u1, u2), (v1, v2) = space.TnT()
    tensor = CoefficientFunction((ACROSS, 0, 0, 0, ACROSS, 0, 0, 0, ALONG), dims=(3, 3))
    form = BilinearForm(space, symmetric=True)
    form += (tensor * grad(u1)) * grad(v1) * dx("endoneurium") + AROUND * grad(u2) * grad(v2) * dx("around")
    form += (u1 - u2) * (v1 - v2) / SHEET * ds("sheet")
    with TaskManager():
        form.Assemble()
        found, one = GridFunction(space), GridFunction(space)
        for function in (found, one):
            function.components[1].Set(1, definedon=mesh.Boundaries("patch"))
        rest = found.vec.CreateVector()
        rest.data = -form.mat * found.vec
        found.vec.data += form.mat.Inverse(space.FreeDofs(), inverse="sparsecholesky") * rest
        rest.data = form.mat * found.vec
        current = InnerProduct(rest, one.vec)
    rng = np.random.default_rng(4)
    lines = ["x_um,y_um,z_um,mv_per_ma"]
    for k in range(200):
        r = 0.95 * FASCICLE * np.sqrt(rng.uniform()) if k < 100 else rng.uniform(0.28, 0.65)
        turn, z = rng.uniform(-np.pi, np.pi), rng.uniform(-5, 5)
        x, y = r * np.cos(turn), r * np.sin(turn)
        value = found.components[0 if r < FASCICLE else 1](mesh(x, y, z)) / current
        lines.append(f"{1e3 * x:.4f},{1e3 * y:.4f},{1e3 * z:.4f},{value:.4f}")
    (Path(sys.argv[1]) / "cylinder_fem.csv").write_text("\n".join(lines) + "\n")
    print(f"{mesh.ne} elements, {space.ndof} unknowns")


main()
