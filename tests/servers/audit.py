"""What was written, by the API server's own audit log: the count that nothing of ours can flatter."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from tests.servers.client import Object


@dataclass(frozen=True)
class Write:
    """One request that was stored, or may have been; never a dry run. `body` is canonical JSON text."""

    verb: str
    path: str
    code: int
    user: str
    impersonated: str
    body: str

    @property
    def is_stored(self) -> bool:
        """Otherwise nobody knows: a client that hangs up gets 504, whether or not its change was stored."""
        return 200 <= self.code < 300

    def __str__(self) -> str:
        return f"{self.verb} {self.path} ({self.code})"


def writes(entries: Iterable[Object], user: str) -> list[Write]:
    """What this user wrote, in order of the log."""
    found = []
    for entry in entries:
        if entry["user"]["username"] != user or entry["verb"] not in ("create", "update", "patch", "delete", "deletecollection"):
            continue
        code: int = entry["responseStatus"]["code"]
        if (300 <= code < 500) or code == 500 or _is_dry(entry) or entry["objectRef"].get("resource", "").endswith("reviews"):
            continue
        body = comparable(entry.get("requestObject"))
        path = urlsplit(entry["requestURI"]).path
        found.append(Write(entry["verb"], path, code, user, entry.get("impersonatedUser", {}).get("username", ""), body))
    return found


def comparable(body: object) -> str:
    """What was sent, as text. The options of a deletion and an eviction stand in the log under the API server's internal version."""
    if isinstance(body, dict) and body.get("kind") in ("DeleteOptions", "Eviction"):
        body = {name: value for name, value in body.items() if name != "apiVersion"}
    return canonical(body)


def canonical(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def _is_dry(entry: Object) -> bool:
    """Said in the URI, but for deletions and evictions: those say it in what they send, and the URI is ignored."""
    body = entry.get("requestObject") or {}
    if entry["verb"] in ("delete", "deletecollection"):
        return bool(body.get("dryRun")) if body else "dryRun" in parse_qs(urlsplit(entry["requestURI"]).query)
    if entry["objectRef"].get("subresource") == "eviction":
        return bool((body.get("deleteOptions") or {}).get("dryRun"))
    return "dryRun" in parse_qs(urlsplit(entry["requestURI"]).query)
