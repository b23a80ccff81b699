"""What a check yields (`Hit`) and what the judge makes of it (`Finding`)."""

from datetime import datetime
from hashlib import sha256

import msgspec

from daytwo.model.command import Command
from daytwo.model.exemption import Exemption
from daytwo.model.gap import Gap
from daytwo.model.origin import Origin, Place
from daytwo.model.ref import Ref
from daytwo.model.repair import Repair
from daytwo.model.severity import Basis, Harm, Heading, Severity, Verdict


class Since(msgspec.Struct, frozen=True, gc=False):
    """When something began; not exact means *at least since*: earlier evidence is no longer visible."""

    at: datetime
    exact: bool = True


class Evidence(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One fact seen in the cluster, with its time where it has one. Times stand in `at`, not in the text."""

    text: str
    at: datetime | None = None


class Hit(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One thing a check has to say about its subject.

    - `message`: the whole statement, without the subject's name, for a line of its own.
    - `state`, `why`: for findings about pods, the parts of the statement that fit "2 of 3 pods are STATE since …: WHY".
      Pods of one workload in the same state become one line.
    - `path`: the field at fault, such as `spec.template.spec.containers[app].image`; `item`: such as the container or port.
    - `because`: the objects whose fault causes this, each proven by a field in the snapshot. A missing object, an image or a
      registry may stand here too: Ref("Image", "", "nginx:1.99"). Findings that share a cause become one problem.
    - `confirm`: one read-only command that shows the evidence.
    - `repair`: what would mend it in the file it stands in; `by_hand`: why only a person can (else the check's own words on that hold).
    - `harm`, `severity`: where this hit differs from what the check declares.
    """

    message: str
    path: str = ""
    item: str = ""
    fix: str = ""
    due: datetime | None = None
    state: str = ""
    why: str = ""
    since: Since | None = None
    evidence: tuple[Evidence, ...] = ()
    because: tuple[Ref, ...] = ()
    confirm: Command | None = None
    repair: Repair | None = None
    by_hand: str = ""
    harm: Harm | None = None
    severity: Severity | None = None


class Finding(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A check's conclusion about one subject. `owner` is the subject's top owner.

    `origin` is the subject's, for objects from files, and `place` where the field stands there. `exemption` is why a fail is not
    held against anybody; one that is over is `lapsed` instead, and the finding counts.

    An unknown carries the `gap` that hides the answer, and the namespaces in which it leaves the answer open; none means anywhere.
    """

    check: str
    subject: Ref
    owner: Ref
    verdict: Verdict
    severity: Severity
    heading: Heading
    harm: Harm
    hit: Hit
    basis: Basis = Basis.STATE
    origin: Origin | None = None
    place: Place | None = None
    exemption: Exemption | None = None
    lapsed: Exemption | None = None
    gap: Gap | None = None
    open_in: tuple[str, ...] = ()

    @property
    def fingerprint(self) -> str:
        """Stable over replica-set names, pod names, messages, lines, times and clusters: check, top owner, item."""
        return fingerprint(self.check, self.owner, self.hit.item)


def fingerprint(check: str, owner: Ref, item: str = "") -> str:
    """Ten hexadecimal digits that name a finding or a problem wherever and whenever it is seen."""
    return sha256("\x00".join((check, owner.kind, owner.namespace, owner.name, item)).encode()).hexdigest()[:10]
