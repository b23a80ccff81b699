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
    from daytwo.catalog import find_check
    from daytwo.render.page_of_check import page
    from daytwo.sources.profiles import left_out_by_default

    try:
        found = find_check(check)
    except LookupError as error:
        raise UsageError(str(error.args[0])) from None
    show(page(found, left_out_by_default().get(found.name, ""), width=width(), is_coloured=is_coloured()))
