"""A field as fibers need it: for each contact the potential that 1 mA in makes, its return far away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vagus.errors import InputError, Problem
from vagus.field.medium.potential import Contact, Medium, potential_mv_per_ma

FloatArray = NDArray[np.float64]


class Field(Protocol):
    """A solved or closed-form field: one basis field a contact.

    What recruits, records or optimizes takes any object with these two; finite elements, closed forms and fields that
    were read from a file all are one. By reciprocity the same numbers tell what a contact records: 1 mA across a
    fiber's membrane at a place makes that potential at the contact.

    Attributes
    ----------
    contacts : tuple
        In the order of the rows of `mv_per_ma`.
    """

    @property
    def contacts(self) -> tuple[object, ...]:
        """Contacts, in the order of the basis fields."""
        ...

    def mv_per_ma(self, *, x_um: ArrayLike, y_um: ArrayLike, z_um: ArrayLike) -> FloatArray:
        """Potential (n_contact, *shape) of 1 mA into each contact at places that broadcast together."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedField:
    """Basis fields of contacts in a medium whose closed form is known.

    Each contact is taken as if the others were not there: a contact that carries no current would, as metal, even out
    the potential along its surface. Where current leaves only far along an insulated medium (a walled `Cylinder`), one
    contact's potential is told up to a constant; weights that sum to 0 do not see it.

    Parameters
    ----------
    medium : Medium
    contacts : tuple of Contact

    Raises
    ------
    InputError
        No contact.

    Examples
    --------
    >>> from vagus.field import Point, Space
    >>> field = ClosedField(medium=Space(sigma_s_per_m=0.3), contacts=(Point(x_um=0.0, y_um=0.0, z_um=0.0),))
    >>> field.mv_per_ma(x_um=[500.0, 1000.0], y_um=0.0, z_um=0.0).round(1)
    array([[530.5, 265.3]])
    """

    medium: Medium
    contacts: tuple[Contact, ...]

    def __post_init__(self) -> None:
        if not self.contacts:
            raise InputError(Problem(what="a field has no contact", found="none", allowed="one or more"))

    def mv_per_ma(self, *, x_um: ArrayLike, y_um: ArrayLike, z_um: ArrayLike) -> FloatArray:
        """Potential (n_contact, *shape) of 1 mA into each contact; see `potential_mv_per_ma`, which raises."""
        return np.stack(
            [potential_mv_per_ma(self.medium, one, x_um=x_um, y_um=y_um, z_um=z_um) for one in self.contacts]
        )
