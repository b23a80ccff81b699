"""A command that a person can copy and run, and the next step made of them."""

import shlex

import msgspec


class Command(msgspec.Struct, frozen=True, gc=False):
    """One argv; printed quoted, so that it can be pasted. Names from the cluster are always single elements."""

    argv: tuple[str, ...]

    def __str__(self) -> str:
        return shlex.join(self.argv)


def kubectl(*arguments: str, namespace: str = "") -> Command:
    """`kubectl [-n NAMESPACE] ARGUMENTS…`"""
    return Command(("kubectl", *(("-n", namespace) if namespace else ()), *arguments))


def act(action: str, target: str, *flags: str, namespace: str = "") -> Command:
    """`daytwo act ACTION TARGET [-n NAMESPACE] FLAGS…`: a repair that shows itself first, asks, is verified and can be taken back."""
    return Command(("daytwo", "act", action, target, *(("-n", namespace) if namespace else ()), *flags))


class Next(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """What to do about a problem: one read that confirms it, then at most one repair; `note` says why there is none, or its caveat."""

    confirm: Command | None = None
    repair: Command | None = None
    note: str = ""

    @property
    def command(self) -> Command | None:
        """The one command to show where there is room for one."""
        return self.repair or self.confirm
