"""`vagus tables` and `vagus cite`: the numbers vagus rests on, and their sources as BibTeX."""

from __future__ import annotations

from pathlib import Path

import click

from vagus import tables as package_tables
from vagus.cli.output import emit_json, emit_table, json_option, seed_option


@click.command()
@click.argument("name", required=False)
@click.option("--find", metavar="TEXT", help="Only rows that contain this text.")
@json_option
def tables(name: str | None, find: str | None, as_json: bool) -> None:
    """List the tables, or show the rows of one. A row that was recalled and not read says so.

    \b
    Example:  vagus tables
              vagus tables safety --find shannon
    """
    if name is None:
        counts = package_tables.summary()
        if as_json:
            emit_json(counts)
        else:
            emit_table(
                ["table", "rows", "verified"],
                [(c.name, c.rows, "-" if c.verified is None else c.verified) for c in counts],
            )
        return
    found = [row for row in package_tables.raw_rows(name) if find is None or find.lower() in str(row).lower()]
    if as_json:
        emit_json(found)
        return
    for row in found:
        for key, value in row.items():
            if value is not None:
                click.echo(f"{key + ':':<24} {value}")
        click.echo()
    click.echo(f"{len(found)} rows", err=True)


@click.command()
@click.argument("course", type=click.Path(path_type=Path))
@seed_option
def cite(course: Path, seed: int) -> None:
    """BibTeX of exactly the sources that the report on a course rests on.

    \b
    Example:  vagus cite examples/tavns-depression > sources.bib
    """
    import numpy as np

    from vagus.course import assemble
    from vagus.files import read_course
    from vagus.source import cite as bibtex

    results = assemble(read_course(course), rng=np.random.default_rng(seed))
    click.echo(bibtex(results))
