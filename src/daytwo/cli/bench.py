"""What a command that acts works with: settings, ledger, and where its report goes."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from daytwo.cli.output import Output, is_coloured, show, width, write_whole
from daytwo.cli.world import World

if TYPE_CHECKING:
    from daytwo.ledger.database import Ledger
    from daytwo.model.proposal import Proposal
    from daytwo.model.run import Run
    from daytwo.settings import Settings

DONE: Final = 0
NOT_DONE: Final = 1


@dataclass(frozen=True)
class Bench:
    """What a command works with: settings, ledger, and where its report goes."""

    world: World
    settings: "Settings"
    ledger: "Ledger"
    outputs: tuple[Output, ...]
    program: str

    def show_plan(self, proposal: "Proposal", *, is_report: bool) -> None:
        """The plan, for who is asked; as the report itself where nothing follows it."""
        from daytwo.render import json_of_acting
        from daytwo.render.text_of_plan import proposal as text

        if is_report:
            self._report(lambda: json_of_acting.plan(proposal), lambda w, c: text(proposal, width=w, is_coloured=c))
        elif any(output == Output("text") for output in self.outputs):
            show(text(proposal, width=width(), is_coloured=is_coloured()) + "\n")
        else:
            # Standard output holds one JSON document alone; who is asked must see the plan all the same.
            sys.stderr.write(text(proposal, width=None, is_coloured=False) + "\n")

    def show_ending(self, run: "Run") -> None:
        from daytwo.render import json_of_acting, text_of_runs

        self._report(
            lambda: json_of_acting.run(run),
            lambda w, c: text_of_runs.ending(run, width=w, is_coloured=c, program=self.program),
        )

    def _report(self, json: Callable[[], str], text: Callable[[int | None, bool], str]) -> None:
        for output in self.outputs:
            if output.path is not None:
                write_whole(output.path, json() if output.format == "json" else text(None, False))
            else:
                show(json() if output.format == "json" else text(width(), is_coloured()))
