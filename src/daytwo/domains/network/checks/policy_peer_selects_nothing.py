"""The check `network/policy-peer-selects-nothing`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.network.near import nearest_template
from daytwo.model.control_plane import Namespace
from daytwo.model.finding import Hit
from daytwo.model.gap import Gap, Unseen
from daytwo.model.isolation import NAMESPACE_NAME, keys_of, matches_namespace
from daytwo.model.network import NetworkPolicy, PolicyPeer
from daytwo.model.ref import Cell
from daytwo.model.runnable import Runnable
from daytwo.model.selector import Selector
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot
from daytwo.model.templates import is_of_passing_pods, selects_some


@check(
    NetworkPolicy,
    heading=Heading.SECURITY,
    severity=Severity.LOW,
    applies=lambda policy: any(True for _ in _peers(policy)),
    by_hand="which pods are meant is for those who wrote the policy to say",
)
def policy_peer_selects_nothing(policy: NetworkPolicy, snapshot: Snapshot) -> Iterator[Hit]:
    """A rule of a NetworkPolicy that lets through pods of which there are none.

    Why: whoever was to be let through is shut out, as a peer that matches nothing allows nothing.
    Fix: write the labels of the other side's pod template, and those of its namespace, which most often is
    `kubernetes.io/metadata.name`. A podSelector without namespaceSelector only means pods of the policy's own namespace.
    Source: https://kubernetes.io/docs/concepts/services-networking/network-policies/#behavior-of-to-and-from-selectors
    Not: peers by address, and pods that come and go, such as those of Jobs.
    """
    hidden: Unseen | None = None
    for path, peer in _peers(policy):
        try:
            hit = _judged(policy, path, peer, snapshot)
        except Unseen as unseen:
            hidden = unseen
            continue
        if hit is not None:
            yield hit
    if hidden is not None:
        raise hidden


def _peers(policy: NetworkPolicy) -> Iterator[tuple[str, PolicyPeer]]:
    for index, rule in enumerate(policy.spec.ingress):
        for position, peer in enumerate(rule.from_):
            if peer.ip_block is None:
                yield f"spec.ingress[{index}].from[{position}]", peer
    for index, rule in enumerate(policy.spec.egress):
        for position, peer in enumerate(rule.to):
            if peer.ip_block is None:
                yield f"spec.egress[{index}].to[{position}]", peer


def _judged(policy: NetworkPolicy, path: str, peer: PolicyPeer, snapshot: Snapshot) -> Hit | None:
    pods = peer.pod_selector or Selector()
    if peer.namespace_selector is None:
        if pods.is_empty or is_of_passing_pods(pods) or selects_some(pods, policy.namespace, snapshot):
            return None
        near = nearest_template(pods, policy.namespace, snapshot)
        elsewhere = _elsewhere(policy, pods, snapshot)
        more = f"; {elsewhere}" if elsewhere else f"; nearest is {near[0].kind} {near[0].name} with {near[1]}" if near is not None else ""
        return Hit(
            f"lets nobody through: no workload of namespace {policy.namespace} has pods that match {pods}{more}",
            path=f"{path}.podSelector",
            item=path,
            fix="add the namespaceSelector of their namespace" if elsewhere else "correct podSelector, or drop the rule",
            severity=Severity.MEDIUM if elsewhere or near is not None else None,
        )
    namespaces = _namespaces(peer.namespace_selector, snapshot)
    if not namespaces:
        return Hit(
            f"lets nobody through: no namespace matches {peer.namespace_selector}",
            path=f"{path}.namespaceSelector",
            item=path,
            fix=f"write a label that the namespace carries, such as {NAMESPACE_NAME}",
        )
    if pods.is_empty or is_of_passing_pods(pods) or _has_some(pods, frozenset(namespaces), snapshot):
        return None
    shown = ", ".join(namespaces[:3]) + (f" and {len(namespaces) - 3} more" if len(namespaces) > 3 else "")
    return Hit(
        f"lets nobody through: no workload of namespace {shown} has pods that match {pods}",
        path=f"{path}.podSelector",
        item=path,
        fix="correct podSelector, or drop the rule",
    )


def _has_some(pods: Selector, namespaces: frozenset[str], snapshot: Snapshot) -> bool:
    """Whether any of these namespaces has such pods. Raises Unseen when none was seen and not everything was looked at."""
    pair = next(iter(pods.match_labels.items()), None)
    if pair is not None:
        carriers = snapshot.once(_by_pair).get(pair, ())
        if any(one.namespace in namespaces and pods.matches(one.pod_labels) for one in carriers):
            return True
    return any(selects_some(pods, namespace, snapshot) for namespace in sorted(namespaces))


def _namespaces(selector: Selector, snapshot: Snapshot) -> tuple[str, ...]:
    """The namespaces that a selector matches. Raises Unseen when there may be others than those seen."""
    named = selector.match_labels.get(NAMESPACE_NAME, "")
    if named and keys_of(selector) == {NAMESPACE_NAME}:
        # Whether it exists is not asked of files: those who write policies seldom write the other side's namespace too.
        if not snapshot.is_of_files and snapshot.get(Namespace, "", named) is None:
            return ()
        return (named,)
    known = snapshot.once(_namespaces_by_selector)
    key = (tuple(sorted(selector.match_labels.items())), selector.match_expressions)
    if key not in known:
        known[key] = tuple(one.name for one in snapshot.of(Namespace) if matches_namespace(selector, one.name, snapshot))
    found = known[key]
    if not found and snapshot.is_of_files:
        raise Unseen(Gap("files", f"a namespace with {selector}", "not among these files", Cell(Namespace.KIND)))
    return found


def _namespaces_by_selector(snapshot: Snapshot) -> dict[object, tuple[str, ...]]:
    """What selectors of namespaces were found to match: many policies share a few of them."""
    return {}


def _elsewhere(policy: NetworkPolicy, pods: Selector, snapshot: Snapshot) -> str:
    """The classic: the pods meant are in another namespace."""
    pair = next(iter(pods.match_labels.items()), None)
    if pair is None:
        return ""
    for other in snapshot.once(_by_pair).get(pair, ()):
        if other.namespace != policy.namespace and pods.matches(other.pod_labels):
            return f"those of {other.ref.kind} {other.name} in namespace {other.namespace} do"
    return ""


def _by_pair(snapshot: Snapshot) -> dict[tuple[str, str], list[Runnable]]:
    found: dict[tuple[str, str], list[Runnable]] = {}
    for runnable in snapshot.runnables:
        for pair in runnable.pod_labels.items():
            found.setdefault(pair, []).append(runnable)
    return found
