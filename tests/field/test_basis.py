"""Basis fields of closed forms."""

from __future__ import annotations

import numpy as np
import pytest

from vagus.errors import InputError
from vagus.field import ClosedField, Field, Point, Space, potential_mv_per_ma

CONTACTS = (Point(x_um=0.0, y_um=0.0, z_um=0.0), Point(x_um=0.0, y_um=900.0, z_um=-300.0))


def told(field: Field) -> np.ndarray:
    return field.mv_per_ma(x_um=np.array([[200.0], [300.0]]), y_um=50.0, z_um=np.linspace(-1e3, 1e3, 5))


def test_a_row_for_each_contact_in_its_order() -> None:
    space = Space(sigma_s_per_m=(0.2, 0.2, 0.6))
    found = told(ClosedField(medium=space, contacts=CONTACTS))
    assert found.shape == (2, 2, 5)
    for row, contact in zip(found, CONTACTS, strict=True):
        expected = potential_mv_per_ma(
            space, contact, x_um=np.array([[200.0], [300.0]]), y_um=50.0, z_um=np.linspace(-1e3, 1e3, 5)
        )
        np.testing.assert_array_equal(row, expected)


def test_no_contact_is_refused() -> None:
    with pytest.raises(InputError, match="no contact"):
        ClosedField(medium=Space(sigma_s_per_m=0.3), contacts=())
