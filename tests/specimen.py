"""Specimens: small object lists as the API server returns them, with what a check must say about them.

at: 2026-11-20T08:00:00Z          # when the snapshot was taken
expect:                           # in fail-*: one entry for each hit, in any order; only the fields given are compared
  - subject: Pod shop/web-1
    message: …                    # also: state, why, item, path, since, at_least_since, because, harm, severity, due,
                                  # confirm, fix, evidence
unread: [Secret, Service/vault]   # kinds, or kinds in one namespace, that nobody could look at
readyz: [{name: etcd, ok: true}]  # the lines of /readyz?verbose
version: v1.36.2                  # of the API server; optional, like everything but `at` and `items`
options: {allowed: [ghcr.io]}     # what a profile sets for the check
ownership: {entries: [{owner: shop, namespace: shop}], teams: [shop], files: [docs/web.md]}
files: true                       # the items stand in a file, as somebody wants them: kinds that it lacks are unseen
items: […]
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import yaml

from daytwo.catalog import Check, find_check
from daytwo.model.cluster import Cluster, HealthLine
from daytwo.model.finding import Finding
from daytwo.model.foreign import ForeignObject
from daytwo.model.gap import Gap
from daytwo.model.kinds import KINDS, kind_name
from daytwo.model.metadata import Metadata, Resource
from daytwo.model.origin import Origin
from daytwo.model.ownership import Ownership
from daytwo.model.ref import Cell
from daytwo.model.snapshot import Reading, Snapshot, by_kind
from daytwo.sources.kubernetes.decode import decode_any

SPECIMENS = Path(__file__).parent / "specimens"


@dataclass(frozen=True)
class Specimen:
    path: Path
    snapshot: Snapshot
    expect: list[dict[str, Any]]
    options: dict[str, Any]

    def check(self, name: str) -> Check:
        """The check of this name, as a profile with these options asks for it."""
        found = find_check(name)
        if not self.options:
            return found
        return replace(found, options=msgspec.convert(self.options, type(found.options)))

    @property
    def verdict(self) -> str:
        """fail, pass, unknown or inapplicable, told by the file's name."""
        return self.path.name.partition("-")[0]


def read_specimen(path: Path) -> Specimen:
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    return Specimen(path, snapshot_of(document), document.get("expect", []), document.get("options", {}))


def snapshot_of(document: dict[str, Any]) -> Snapshot:
    """A snapshot of plain objects, read exactly as from the API server. Every kind was read, except those in `unread`."""
    resources: list[Resource] = []
    is_of_files = bool(document.get("files"))
    for item in document["items"]:
        found = decode_any(msgspec.json.encode(_plain(item)))
        if is_of_files:
            found = _declared(found, item)
        assert found is not None, f"daytwo does not read {item.get('apiVersion')} {item.get('kind')}"
        resources.append(found)
    gaps = []
    readings = {kind.name: Reading() for kind in KINDS}
    if is_of_files:
        readings = {found.KIND: Reading() for found in resources}
    for entry in document.get("unread", []):
        kind, _, namespace = entry.partition("/")
        gaps.append(Gap("kubernetes", entry, "forbidden for user viewer", Cell(kind, namespace)))
        if not namespace:
            del readings[kind]
    at = document["at"]
    return Snapshot(
        taken_at=at if isinstance(at, datetime) and at.tzinfo else datetime.fromisoformat(str(at)).replace(tzinfo=UTC),
        cluster=Cluster(
            name="specimen",
            version=document.get("version", "v1.36.2"),
            user="viewer",
            readyz=tuple(HealthLine(**line) for line in document.get("readyz", [])),
        ),
        resources=by_kind(resources),
        readings=readings,
        gaps=tuple(gaps),
        is_of_files=is_of_files,
        ownership=msgspec.convert(document.get("ownership", {}), Ownership),
    )


def _declared(found: Resource | None, item: dict[str, Any]) -> Resource:
    """The object as a file holds it, of whatever kind."""
    origin = Origin("specimen.yaml", api_version=item["apiVersion"], has_replicas="replicas" in item.get("spec", {}))
    if found is not None:
        return msgspec.structs.replace(found, origin=origin)
    metadata = msgspec.convert(item["metadata"], Metadata)
    return ForeignObject(metadata=metadata, origin=origin, kind=kind_name(item["apiVersion"], item["kind"]))


def assert_expected(findings: list[Finding], expect: list[dict[str, Any]]) -> None:
    """The hits are those expected, no more and no fewer; only the fields that the specimen names are compared."""
    actual = [_fields(finding) for finding in findings]
    unmatched = list(actual)
    for wanted in expect:
        wanted = {key: _comparable(value) for key, value in wanted.items()}
        match = next((found for found in unmatched if all(found.get(key) == value for key, value in wanted.items())), None)
        assert match is not None, f"no hit has {wanted}\nhits were:\n" + "\n".join(str(found) for found in actual)
        unmatched.remove(match)
    assert not unmatched, f"unexpected hits: {unmatched}"


def _fields(finding: Finding) -> dict[str, Any]:
    hit = finding.hit
    since = _comparable(hit.since.at) if hit.since else None
    return {
        "subject": str(finding.subject),
        "message": hit.message,
        "state": hit.state,
        "why": hit.why,
        "item": hit.item,
        "path": hit.path,
        "since": since if hit.since and hit.since.exact else None,
        "at_least_since": since if hit.since and not hit.since.exact else None,
        "because": [str(ref) for ref in hit.because],
        "harm": str(finding.harm),
        "severity": str(finding.severity),
        "due": _comparable(hit.due) if hit.due else None,
        "confirm": str(hit.confirm) if hit.confirm else None,
        "fix": hit.fix,
        "evidence": [evidence.text for evidence in hit.evidence],
    }


def _comparable(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat() if value.tzinfo else value.replace(tzinfo=UTC).isoformat()
    return value


def _plain(value: Any) -> Any:
    """YAML's own times back to the text that the API server sends."""
    if isinstance(value, dict):
        return {key: _plain(member) for key, member in value.items()}
    if isinstance(value, list):
        return [_plain(member) for member in value]
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).isoformat().replace("+00:00", "Z")
    return value
