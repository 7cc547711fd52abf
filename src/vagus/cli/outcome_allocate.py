"""`vagus outcome allocate`: an allocation list and the hash that commits to it."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from vagus.cli.output import check_targets, emit_json, json_option, write_files
from vagus.cli.rows import Row, check_table, table_bytes, table_option
from vagus.errors import InputError, MissingFile, Problem

if TYPE_CHECKING:
    from vagus.outcome.allocation.minimize import MinimizationPlan


@click.command(short_help="An allocation list, and its hash.")
@click.option("--trial", required=True, help="Name or registry number of the trial.")
@click.option(
    "--arm",
    "arms",
    multiple=True,
    required=True,
    help="Name of an arm, with its share where it is not 1: active=2. Once for each.",
)
@click.option(
    "--seed-file",
    required=True,
    type=click.Path(path_type=Path),
    help="Text file with the secret seed, at least 16 random characters.",
)
@click.option("--n", type=click.IntRange(min=1), help="Places in each list; for blocks.")
@click.option(
    "--block",
    "blocks",
    multiple=True,
    type=click.IntRange(min=2),
    help="Size of a block; several: each block's size is drawn.",
)
@click.option(
    "--stratum", "strata", multiple=True, help="Factor and its levels, a list for each combination: site=A,B."
)
@click.option(
    "--people",
    type=click.Path(path_type=Path),
    help="Minimize: CSV of people in the order they came, a column a factor; a filled column arm is kept.",
)
@click.option("--factor", "factors", multiple=True, help="Factor to balance and its levels: sex=f,m.")
@click.option("--weight", "weights", multiple=True, help="Weight of a factor where it is not 1: site=2.")
@click.option(
    "--best-pct",
    type=click.IntRange(50, 99),
    default=80,
    show_default=True,
    help="Chance of the arm that balances best.",
)
@click.option("--replace", is_flag=True, help="Blocks: another list that is there already may be replaced.")
@table_option
@json_option
def allocate(
    *,
    trial: str,
    arms: tuple[str, ...],
    seed_file: Path,
    n: int | None,
    blocks: tuple[int, ...],
    strata: tuple[str, ...],
    people: Path | None,
    factors: tuple[str, ...],
    weights: tuple[str, ...],
    best_pct: int,
    replace: bool,
    output: Path | None,
    as_json: bool,
) -> None:
    """Allocation by permuted blocks, by strata, or by minimization; prints the hash to publish before the trial.

    The list is secret: it goes to the file that -o names and never to the screen; another list that is there is kept.
    The same plan and seed give the same list on any machine.

    \b
    Example:  openssl rand -hex 32 > seed.txt
              vagus outcome allocate --trial NCT0 --arm active --arm sham --n 60 --block 4 --block 6 --stratum site=A,B
                  --seed-file seed.txt -o list.csv
              vagus outcome allocate --trial NCT0 --arm active --arm sham --people people.csv --factor sex=f,m
                  --factor site=A,B --weight site=2 --seed-file seed.txt -o allocated.csv
    """
    from vagus.outcome.allocation.blocks import BlockPlan, allocate_blocks, commitment
    from vagus.outcome.allocation.minimize import MinimizationPlan

    check_targets(check_table(output), also=[seed_file, *([people] if people else [])])
    seed = _seed(seed_file)
    shares = {name: _whole(share or "1", f"--arm {name}") for name, share in _pairs(arms, "--arm")}
    rows: list[Row]
    if people is None:
        _refuse({"--factor": factors, "--weight": weights}, "is for minimization", "--people as well")
        if n is None or not blocks:
            raise InputError(
                Problem(what="blocks need their size and the places", allowed="--n and --block, or --people")
            )
        plan = BlockPlan(trial=trial, arms=shares, sizes=blocks, n=n, strata=_levels(strata, "--stratum"))
        rows = [asdict(place) for place in allocate_blocks(plan, seed=seed)]
        header = ["stratum", "number", "block", "block_size", "arm"]
    else:
        given = {"--block": blocks, "--stratum": strata, "--n": (n,) if n else ()}
        _refuse(given, "is for blocks", "no --people with it")
        heavy = {name: _whole(cell, f"--weight {name}") for name, cell in _pairs(weights, "--weight")}
        plan = MinimizationPlan(
            trial=trial, arms=shares, factors=_levels(factors, "--factor"), weights=heavy, best_pct=best_pct
        )
        rows = _people(people, plan, seed)
        header = ["number", *plan.factors, "arm", "is_best"]
    hash_text = commitment(plan, seed=seed)
    if output is not None:
        listed = table_bytes(output, header, rows)
        if people is None and output.exists() and output.read_bytes() != listed and not replace:
            raise InputError(
                Problem(what="another list is there already, maybe one that a trial goes by", where=f"-o {output}",
                        allowed="another file, or --replace")
            )  # fmt: skip
        write_files({output: listed})
    if as_json:
        emit_json(
            {"commitment": hash_text, "plan": plan, "places": len(rows), "written": str(output) if output else None}
        )
    else:
        click.echo(
            f"commitment {hash_text}\n{len(rows)} places; publish the commitment before the trial, keep the seed secret"
        )


def _people(path: Path, plan: MinimizationPlan, seed: str) -> list[Row]:
    from vagus.files.sheets.sheet import read_sheet
    from vagus.outcome.allocation.minimize import allocate_people

    sheet = read_sheet(path, required=tuple(plan.factors), optional=("arm", "number"))
    problems = list(sheet.problems)
    given = [row.cells.get("arm", "") for row in sheet.rows]
    n_before = next((k for k, arm in enumerate(given) if not arm), len(given))
    problems += [
        Problem(what="allocated, after one who is not", where=row.where("arm"), found=f'"{arm}"',
                allowed="those with an arm first, in the order they came")
        for row, arm in list(zip(sheet.rows, given, strict=True))[n_before:] if arm
    ]  # fmt: skip
    if problems:
        raise InputError(problems)
    people = [{factor: row.cells.get(factor, "") for factor in plan.factors} for row in sheet.rows]
    before = list(zip(people[:n_before], given[:n_before], strict=True))
    choices = allocate_people(plan, people[n_before:], seed=seed, before=before)
    rows: list[Row] = [{"number": k, **one, "arm": arm} for k, (one, arm) in enumerate(before, start=1)]
    for one, choice in zip(people[n_before:], choices, strict=True):
        rows.append({"number": choice.number, **one, "arm": choice.arm, "is_best": choice.is_best})
    return rows


def _seed(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except FileNotFoundError as error:
        allowed = "a file with a random seed; make one with: openssl rand -hex 32 > seed.txt"
        raise MissingFile(Problem(what="there is no such file", where=str(path), allowed=allowed)) from error
    except UnicodeDecodeError as error:
        raise InputError(Problem(what="the seed is not text", where=str(path), allowed="UTF-8 text")) from error


def _pairs(cells: tuple[str, ...], flag: str) -> list[tuple[str, str]]:
    pairs = [(name.strip(), value.strip()) for name, _, value in (cell.partition("=") for cell in cells)]
    twice = sorted({name for name, _ in pairs if [other for other, _ in pairs].count(name) > 1})
    if twice:
        raise InputError(Problem(what="named twice", where=flag, found=", ".join(twice), allowed="each once"))
    return pairs


def _levels(cells: tuple[str, ...], flag: str) -> dict[str, tuple[str, ...]]:
    return {name: tuple(level.strip() for level in value.split(",")) for name, value in _pairs(cells, flag)}


def _whole(cell: str, where: str) -> int:
    if not cell.isdecimal():
        raise InputError(Problem(what="no whole number", where=where, found=f'"{cell}"', allowed="1, 2, ..."))
    return int(cell)


def _refuse(given: dict[str, tuple[object, ...]], what: str, allowed: str) -> None:
    problems = [Problem(what=what, where=flag, allowed=allowed) for flag, cells in given.items() if cells]
    if problems:
        raise InputError(problems)
