"""Arithmetic as data: a formula is parsed through a whitelist into a tree, and written as a program for a stack.

Allowed are numbers, known names, ``+ - * / **``, ``a if v < b else c``, and the functions of `FUNCTIONS`. Nothing is
ever evaluated as Python.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vagus.errors import InputError, Problem, nearest

FloatArray = NDArray[np.float64]

# Opcodes: operands are popped, the result is pushed. PUSH: a constant; LOAD: a slot; STORE: a copy of the top goes to a
# register; FETCH: a register is pushed. LESS and LESS_EQUAL push 1 or 0; SELECT pops otherwise, then, condition.
PUSH, LOAD, STORE, FETCH = 0, 1, 2, 3
ADD, SUB, MUL, DIV, POW, NEG = 4, 5, 6, 7, 8, 9
EXP, LOG, LOG10, SQRT, ABS, FLOOR, LINOID, SIGMOID = 10, 11, 12, 13, 14, 15, 16, 17
MIN, MAX, LESS, LESS_EQUAL, SELECT = 18, 19, 20, 21, 22

# function -> (opcode, number of arguments)
FUNCTIONS = {
    "exp": (EXP, 1), "log": (LOG, 1), "log10": (LOG10, 1), "sqrt": (SQRT, 1), "abs": (ABS, 1), "floor": (FLOOR, 1),
    "linoid": (LINOID, 1), "sigmoid": (SIGMOID, 1), "min": (MIN, 2), "max": (MAX, 2),
}  # fmt: skip
_BINARY: dict[type[ast.operator], int] = {ast.Add: ADD, ast.Sub: SUB, ast.Mult: MUL, ast.Div: DIV, ast.Pow: POW}
# comparison -> (opcode, operands swapped)
_COMPARE: dict[type[ast.cmpop], tuple[int, bool]] = {
    ast.Lt: (LESS, False), ast.LtE: (LESS_EQUAL, False), ast.Gt: (LESS, True), ast.GtE: (LESS_EQUAL, True),
}  # fmt: skip
LONGEST, DEEPEST = 2000, 100
ALLOWED = "numbers, known names, + - * / **, `a if x < y else b`, parentheses, and the functions " + ", ".join(
    sorted(FUNCTIONS)
)


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """One operation and what it works on; a tree of them is a formula.

    Parameters
    ----------
    op : int
        Opcode; PUSH carries `value`, LOAD carries `name`.
    args : tuple of Node
    """

    op: int
    args: tuple[Node, ...] = ()
    value: float = 0.0
    name: str = ""

    @property
    def depth(self) -> int:
        """Levels below, itself included."""
        return 1 + max((arg.depth for arg in self.args), default=0)


def number(value: float) -> Node:
    """A constant."""
    return Node(PUSH, value=float(value))


def name(key: str) -> Node:
    """A quantity that is known only when the program runs."""
    return Node(LOAD, name=key)


def node(op: int, *args: Node) -> Node:
    """An operation, done at once where all its arguments are constants."""
    if all(arg.op == PUSH for arg in args):
        with np.errstate(all="ignore"):
            return number(float(operate(op, [np.array(arg.value) for arg in args])))
    if op == POW and args[1].op == PUSH and args[1].value in {2.0, 3.0, 4.0}:
        # small whole powers as products: many times cheaper than a logarithm and an exponential
        square = Node(MUL, (args[0], args[0]))
        return square if args[1].value == 2.0 else Node(MUL, (square, args[0] if args[1].value == 3.0 else square))
    return Node(op, args)


def linoid(x: FloatArray) -> FloatArray:
    """``x / (1 - exp(-x))``, with its limit ``1 + x/2`` where x is small.

    Examples
    --------
    >>> float(linoid(np.float64(0.0)))
    1.0
    """
    small = np.abs(x) < 1e-6
    safe = np.where(small, 1.0, x)
    return np.where(small, 1.0 + x / 2.0, safe / -np.expm1(-safe))


def operate(op: int, args: Sequence[FloatArray]) -> FloatArray:
    """What an opcode does, in NumPy."""
    return _OPERATION[op](*args)


_OPERATION: dict[int, Callable[..., FloatArray]] = {
    ADD: np.add, SUB: np.subtract, MUL: np.multiply, DIV: np.divide, POW: np.power, NEG: np.negative,
    MIN: np.minimum, MAX: np.maximum, EXP: np.exp, LOG: np.log, LOG10: np.log10, SQRT: np.sqrt, ABS: np.abs,
    FLOOR: np.floor, LINOID: linoid, SIGMOID: lambda x: 1.0 / (1.0 + np.exp(-x)),
    LESS: lambda a, b: np.where(a < b, 1.0, 0.0), LESS_EQUAL: lambda a, b: np.where(a <= b, 1.0, 0.0),
    SELECT: lambda a, b, c: np.where(a != 0.0, b, c),
}  # fmt: skip


def parse(text: str | float, *, where: str, known: Mapping[str, Node]) -> Node:
    """Tree of a formula.

    Parameters
    ----------
    text : str or float
    where : str
        File, key and field, for the message.
    known : mapping of str to Node
        Names that the formula may use, and what stands for them.

    Raises
    ------
    InputError
        Something that is not allowed, with the piece that was found and what may stand there.

    Examples
    --------
    >>> tree = parse("2 * exp(v / 10) if v < 0 else 2", where="example", known={"v": name("v")})
    >>> evaluate(tree, {"v": np.array([-10.0, 10.0])}).round(4).tolist()
    [0.7358, 2.0]
    """
    if not isinstance(text, str):
        return number(text)
    if len(text) > LONGEST:
        raise InputError(
            Problem(
                what="formula is too long", where=where, found=f"{len(text)} characters", allowed=f"up to {LONGEST}"
            )
        )
    try:
        tree = ast.parse(text.strip(), mode="eval").body
        built = _build(tree, text, where, known, 0)
    except (SyntaxError, ValueError) as error:
        raise InputError(
            Problem(what="formula cannot be read", where=where, found=f'"{text}"', allowed=ALLOWED)
        ) from error
    except (RecursionError, MemoryError) as error:
        raise InputError(
            Problem(what="formula is nested too deeply", where=where, allowed=f"up to {DEEPEST} levels")
        ) from error
    return built


def _build(tree: ast.expr, text: str, where: str, known: Mapping[str, Node], level: int) -> Node:
    if level > DEEPEST:
        raise RecursionError

    def inner(part: ast.expr) -> Node:
        return _build(part, text, where, known, level + 1)

    match tree:
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
            found = number(_finite(value, where))
        case ast.Name(id=key):
            found = _known(key, where, known)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            found = node(NEG, inner(operand))
        case ast.UnaryOp(op=ast.UAdd(), operand=operand):
            found = inner(operand)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
            found = node(_BINARY[type(op)], inner(left), inner(right))
        case ast.IfExp(test=ast.Compare(left=left, ops=[op], comparators=[right]), body=body, orelse=orelse) if (
            type(op) in _COMPARE
        ):
            code, swapped = _COMPARE[type(op)]
            pair = (inner(right), inner(left)) if swapped else (inner(left), inner(right))
            found = node(SELECT, node(code, *pair), inner(body), inner(orelse))
        case ast.Call(func=ast.Name(id=key), args=args, keywords=[]) if key in FUNCTIONS:
            _check_count(key, len(args), where)
            found = node(FUNCTIONS[key][0], *(inner(arg) for arg in args))
        case _:
            piece = ast.get_source_segment(text.strip(), tree) or text
            raise InputError(
                Problem(what="formula holds what is not allowed", where=where, found=f'"{piece}"', allowed=ALLOWED)
            )
    return found


def _known(key: str, where: str, known: Mapping[str, Node]) -> Node:
    if key not in known:
        raise InputError(
            Problem(what="formula uses an unknown name", where=where, found=f'"{key}"', allowed=nearest(key, known))
        )
    return known[key]


def _check_count(key: str, found: int, where: str) -> None:
    count = FUNCTIONS[key][1]
    if found != count:
        raise InputError(
            Problem(what=f"function {key} has another number of arguments", where=where, found=f"{found}",
                    allowed=f"{count}")
        )  # fmt: skip


def _finite(value: float, where: str) -> float:
    try:
        as_float = float(value)
    except OverflowError:
        as_float = np.inf
    if not np.isfinite(as_float):
        raise InputError(Problem(what="number in a formula is too large", where=where, allowed="finite numbers"))
    return as_float


def names_in(tree: Node) -> frozenset[str]:
    """Names that a formula loads.

    Examples
    --------
    >>> sorted(names_in(parse("v + 2 * cai", where="", known={"v": name("v"), "cai": name("cai")})))
    ['cai', 'v']
    """
    if tree.op == LOAD:
        return frozenset({tree.name})
    return frozenset().union(*(names_in(arg) for arg in tree.args))


def evaluate(tree: Node, values: Mapping[str, FloatArray]) -> FloatArray:
    """Value of a formula, in NumPy."""
    with np.errstate(all="ignore"):
        return _evaluate(tree, values)


def _evaluate(tree: Node, values: Mapping[str, FloatArray]) -> FloatArray:
    if tree.op == PUSH:
        return np.asarray(tree.value)
    if tree.op == LOAD:
        return np.asarray(values[tree.name], dtype=np.float64)
    return operate(tree.op, [_evaluate(arg, values) for arg in tree.args])


class Programs:
    """Formulas written as programs, one after the other in one array.

    Parameters
    ----------
    slots : mapping of str to int
        Where the interpreter finds each name.
    """

    def __init__(self, slots: Mapping[str, int]) -> None:
        self._slots = slots
        self._code: list[tuple[int, int]] = []
        self._const: list[float] = []
        self._spans: list[tuple[int, int]] = []
        self.stack_depth = 1
        self.n_register = 0

    def add(self, tree: Node) -> int:
        """Write a formula; its number comes back. What it uses twice is worked out once and kept in a register."""
        uses: dict[int, int] = {}
        _count_uses(tree, uses)
        start = len(self._code)
        registers: dict[int, int] = {}
        self._emit(tree, uses, registers, 1)
        self.n_register = max(self.n_register, len(registers))
        self._spans.append((start, len(self._code)))
        return len(self._spans) - 1

    def _emit(self, tree: Node, uses: Mapping[int, int], registers: dict[int, int], height: int) -> None:
        self.stack_depth = max(self.stack_depth, height)
        if tree.op == PUSH:
            self._code.append((PUSH, len(self._const)))
            self._const.append(tree.value)
            return
        if tree.op == LOAD:
            self._code.append((LOAD, self._slots[tree.name]))
            return
        if id(tree) in registers:
            self._code.append((FETCH, registers[id(tree)]))
            return
        for i, arg in enumerate(tree.args):
            self._emit(arg, uses, registers, height + i)
        self._code.append((tree.op, 0))
        if uses[id(tree)] > 1:
            registers[id(tree)] = len(registers)
            self._code.append((STORE, registers[id(tree)]))

    def arrays(self) -> tuple[NDArray[np.int64], FloatArray, NDArray[np.int64]]:
        """Code (n, 2) of opcode and operand, constants, and begin and end of each program (n_program, 2)."""
        return (
            np.array(self._code, dtype=np.int64).reshape(-1, 2),
            np.array(self._const, dtype=np.float64),
            np.array(self._spans, dtype=np.int64).reshape(-1, 2),
        )


def _count_uses(tree: Node, uses: dict[int, int]) -> None:
    uses[id(tree)] = uses.get(id(tree), 0) + 1
    if uses[id(tree)] == 1:
        for arg in tree.args:
            _count_uses(arg, uses)
