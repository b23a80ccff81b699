"""`daytwo version`."""

import click

from daytwo import __version__


@click.command()
def version() -> None:
    """The version."""
    click.echo(f"daytwo {__version__}")
