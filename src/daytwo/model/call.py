"""What somebody asks for: one action on one target with its parameters."""

import msgspec

from daytwo.model.json import Json
from daytwo.model.target import Target


class Call(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """`uses` names the action. `target` is None for what has none (a foreign argv); parameters are JSON values, checked by declaration.

    `is_repair` marks what is started from a problem, by a runbook of an incident, or as an undo: it is warned about, never denied,
    by budgets and freezes.
    """

    uses: str
    target: Target | None = None
    params: dict[str, Json] = {}
    is_repair: bool = False

    def text(self, name: str, default: str = "") -> str:
        found = self.params.get(name)
        return found if isinstance(found, str) else default

    def number(self, name: str) -> int | None:
        found = self.params.get(name)
        return found if isinstance(found, int) and not isinstance(found, bool) else None

    def flag(self, name: str) -> bool:
        return self.params.get(name) is True

    def texts(self, name: str) -> tuple[str, ...]:
        found = self.params.get(name)
        return tuple(one for one in found if isinstance(one, str)) if isinstance(found, list) else ()
