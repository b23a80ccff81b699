"""`daytwo explain`: a check's page."""

import click

from daytwo.cli.options import check_names
from daytwo.cli.output import is_coloured, show, width
from daytwo.model.errors import UsageError


@click.command()
@click.argument("check", metavar="CHECK", shell_complete=check_names)
def explain(check: str) -> None:
    """A check's page: what it finds, why it matters, how to mend it, and where that is written.

    CHECK is a name such as storage/claim-lost; its last part will do where only one check has it.
    """
    from daytwo.catalog import find_check, outlines
    from daytwo.render.page_of_check import page

    try:
        found = find_check(check)
    except LookupError as error:
        raise UsageError(str(error.args[0])) from None
    left_out = next((one.left_out for one in outlines() if one.name == found.name), "")
    show(page(found, left_out, width=width(), is_coloured=is_coloured()))
