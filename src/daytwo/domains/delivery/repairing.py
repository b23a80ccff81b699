"""What can be done about an old version of the API: write the new one where nothing else changes, else say what to look at."""

from typing import NamedTuple

from daytwo.domains.delivery.api_lifecycle import Lifecycle
from daytwo.domains.delivery.written import Written, is_empty_budget
from daytwo.model.metadata import Resource
from daytwo.model.repair import Repair, setting


class Mending(NamedTuple):
    fix: str
    repair: Repair | None = None
    by_hand: str = ""


def mending(resource: Resource, way: Written, known: Lifecycle, target: int) -> Mending:
    """How the manifest of an object comes to a version that the target serves."""
    if not known.instead:
        return Mending("remove it: nothing takes its place", by_hand="nothing takes its place: what it was for has to be done otherwise")
    if " " in known.instead:
        return Mending(f"use {known.instead} in its place", by_hand="another kind takes its place")
    fix = f"write apiVersion: {known.instead}"
    if known.since > target:
        return Mending(
            f"{fix} once the cluster serves it (1.{known.since})", by_hand=f"what takes its place is served from 1.{known.since} on"
        )
    if not way.is_declared:
        return Mending(f"{fix} in the manifest that is applied", by_hand="the manifest is not at hand")
    if is_empty_budget(resource):
        by_hand = "its empty selector selects nothing in policy/v1beta1 and every pod of the namespace in policy/v1"
        return Mending(f"{fix}, and a selector that says what is meant", by_hand=by_hand)
    if known.is_same:
        return Mending(fix, setting("apiVersion", known.instead))
    return Mending(f"{fix}, and move what has other names or defaults there (kubectl convert helps)")
