"""`daytwo checks`: what is looked for."""

import click

from daytwo.cli.output import is_coloured, show, width


@click.command()
def checks() -> None:
    """The checks there are, one a line: name, severity, what it finds."""
    from daytwo.catalog import outlines
    from daytwo.render.page_of_check import listing

    show(listing(outlines(), width=width(), is_coloured=is_coloured()))
