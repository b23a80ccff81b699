"""Examines what of this installation, kubeconfig and access works. Reads only: access reviews store nothing."""

import sys
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import TYPE_CHECKING, Final

from daytwo import __version__, catalog
from daytwo.model.errors import UsageError
from daytwo.model.examination import Examination, Part, State
from daytwo.model.right import Right
from daytwo.render.cluster_role import binding_to_yaml, to_yaml
from daytwo.sources.kubernetes.access import Permission, missing_role, secret_reader_role
from daytwo.sources.kubernetes.live import LiveCluster

if TYPE_CHECKING:
    from daytwo.ledger.database import Ledger

_SECRETS: Final = Right("list", "", "secrets")
_CLOCK_TOLERANCE_SECONDS: Final = 30


def examine_installation() -> tuple[Part, ...]:
    """Python, packages, checks, time zones: what works without any cluster."""
    return (_python(), _packages(), _checks(), _zones())


def examine_ledger(open_ledger: "Callable[[], Ledger | None]", *, is_wanted: bool = True) -> Part:
    """Where daytwo remembers; None where it has not yet. Nothing is made."""
    from daytwo.ledger.condition import condition

    if not is_wanted:
        return Part("ledger", State.OK, "none, as the settings or the environment say: nothing is remembered")
    try:
        ledger = open_ledger()
        if ledger is None:
            return Part("ledger", State.OK, "none yet: the first review of a cluster makes it")
        with ledger:
            found = condition(ledger)
    except UsageError as error:
        return Part("ledger", State.FAILED, str(error), "without it reviews are not remembered, and nothing can be changed")
    size = f"{found.size_bytes / 1e6:,.1f} MB" if found.size_bytes >= 1e6 else f"{found.size_bytes / 1e3:,.0f} kB"
    return Part("ledger", State.OK, f"{ledger.place}: {size}, tables {found.revision}, head {found.head.seq:,}:{found.head.hash[:12]}…")


async def examine_cluster(open_cluster: Callable[[], AbstractAsyncContextManager[LiveCluster]], now: Callable[[], datetime]) -> Examination:
    """Kubeconfig, connection, clock and rights, each only if the one before it works."""
    try:
        async with open_cluster() as cluster:
            target = cluster.target
            parts = [Part("kubeconfig", State.OK, f"{target.origin}: {target.name} at {target.server}")]
            try:
                return await _examine(cluster, parts, now)
            except UsageError as error:
                return Examination((*parts, Part("connection", State.FAILED, str(error)), _not_examined("rights")))
    except UsageError as error:
        parts = [Part("kubeconfig", State.FAILED, str(error))]
        return Examination((*parts, _not_examined("connection"), _not_examined("rights")))


async def _examine(cluster: LiveCluster, parts: list[Part], now: Callable[[], datetime]) -> Examination:
    greeting = await cluster.greet()
    name = f" as {greeting.user}" if greeting.user else ""
    told = f"Kubernetes {greeting.version}" if greeting.version else "the API server answers, but hides its version"
    parts.append(Part("connection", State.OK, f"{told}{name}"))
    if greeting.time is not None:
        parts.append(_clock((now() - greeting.time).total_seconds()))
    permissions = await cluster.permissions()
    lacking = [permission.right for permission in permissions if not permission.is_allowed]
    others = [right for right in lacking if right != _SECRETS]
    parts += _rights(permissions, others, has_secrets=_SECRETS not in lacking)
    role, secrets = missing_role(others), secret_reader_role()
    return Examination(
        parts=tuple(parts),
        missing_role=f"{to_yaml(role)}---\n{binding_to_yaml(role, greeting.user or 'NAME')}" if others else "",
        secrets_role=f"{to_yaml(secrets)}---\n{binding_to_yaml(secrets, greeting.user or 'NAME')}" if _SECRETS in lacking else "",
    )


def _rights(permissions: tuple[Permission, ...], lacking: list[Right], *, has_secrets: bool) -> list[Part]:
    asked = sum(permission.right != _SECRETS for permission in permissions)
    if lacking:
        shown = ", ".join(map(str, lacking[:6])) + (f" and {len(lacking) - 6} more" if len(lacking) > 6 else "")
        rights = Part(
            "rights",
            State.LACKING,
            f"{asked - len(lacking)} of {asked} in the whole cluster; lacking: {shown}",
            "single namespaces that you may read are read all the same, the rest is unknown; the role below gives what is lacking",
        )
    else:
        rights = Part("rights", State.OK, f"all {asked} in the whole cluster")
    if has_secrets:
        return [rights, Part("secrets", State.OK, "may be listed; their values are never kept")]
    advice = "without them the certificate checks are unknown; `daytwo doctor --role --secrets` prints the role"
    return [rights, Part("secrets", State.LACKING, "may not be listed", advice)]


def _clock(ahead_seconds: float) -> Part:
    if abs(ahead_seconds) <= _CLOCK_TOLERANCE_SECONDS:
        return Part("clock", State.OK, "agrees with the API server's")
    way = "ahead of" if ahead_seconds > 0 else "behind"
    seen = f"this machine is {abs(ahead_seconds):,.0f} s {way} the API server"
    return Part("clock", State.LACKING, seen, "daytwo goes by the API server's clock; logins by token may fail")


def _python() -> Part:
    return Part("daytwo", State.OK, f"{__version__} on Python {sys.version.split()[0]} at {Path(sys.executable).parent}")


def _packages() -> Part:
    """Each dependency that the installed package names, at the version found."""
    try:
        wanted = [text for text in requires("daytwo") or () if "extra ==" not in text]
    except PackageNotFoundError:
        return Part("packages", State.UNKNOWN, "daytwo runs from its sources and is not installed as a package")
    found, missing = [], []
    for text in wanted:
        name = "".join(character if character.isalnum() or character in "-_." else " " for character in text).split()[0]
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            missing.append(name)
    if missing:
        return Part("packages", State.FAILED, f"missing: {', '.join(missing)}", "install daytwo again, such as with `pip install daytwo`")
    return Part("packages", State.OK, ", ".join(found))


def _checks() -> Part:
    names = catalog.names()
    broken = []
    for name in names:
        try:
            catalog.find_check(name)
        except (ImportError, LookupError) as error:
            broken.append(f"{name} ({error})")
    if broken:
        return Part("checks", State.FAILED, f"{len(names) - len(broken)} of {len(names)} can be loaded; not {', '.join(broken)}")
    return Part("checks", State.OK, f"{len(names)} can be loaded")


def _zones() -> Part:
    from zoneinfo import available_timezones

    if available_timezones():
        return Part("time zones", State.OK, f"{len(available_timezones())} are known")
    return Part("time zones", State.LACKING, "none but UTC is known", "for --timezone install this machine's package tzdata")


def _not_examined(name: str) -> Part:
    return Part(name, State.UNKNOWN, "could not be examined")
