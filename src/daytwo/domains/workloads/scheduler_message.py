"""What the scheduler says about a pod it cannot place: the grammar of its message, and plain words for its reasons."""

import re
from dataclasses import dataclass
from typing import Final

_HEAD: Final = re.compile(r"0/(\d+) nodes are available: ?")
_COUNTED: Final = re.compile(r"(\d+) (.+)", re.DOTALL)
# Resource names hold dots and taints hold commas, so only a comma before a number parts two reasons.
_NEXT_COUNTED: Final = re.compile(r", (?=\d+ )")
# What stands after the reasons is advice about preemption.
_ADVICE: Final = re.compile(r"(?:no new claims to deallocate(?:, |\Z)|preemption: |still not schedulable|not found\Z)")


@dataclass(frozen=True, slots=True)
class SchedulerReason:
    """Why some nodes were passed over; `nodes` is None for a reason of the pod itself, which bars it everywhere."""

    text: str
    nodes: int | None = None


@dataclass(frozen=True, slots=True)
class SchedulerMessage:
    """A FailedScheduling message taken apart; `nodes` is how many there are, None where the message does not say."""

    nodes: int | None
    reasons: tuple[SchedulerReason, ...]

    def of_resource(self) -> str:
        """The resource that most nodes are short of; empty when none is."""
        found = [(reason.nodes or 0, match.group(1)) for reason in self.reasons if (match := _INSUFFICIENT.match(reason.text))]
        return max(found)[1] if found else ""

    def not_recomputed(self) -> tuple[SchedulerReason, ...]:
        """The reasons that daytwo cannot work out from the objects, and so believes."""
        return tuple(reason for reason in self.reasons if not _RECOMPUTED.match(reason.text))

    def plain(self) -> str:
        """All reasons in words, those first that only the scheduler can tell."""
        special = self.not_recomputed()
        ordered = (*special, *(reason for reason in self.reasons if reason not in special))
        return ", ".join(plain(reason, self.nodes) for reason in ordered) or "the scheduler gives no reason"


def read_message(text: str) -> SchedulerMessage:
    """The reasons of a message; whatever is not of the scheduler's grammar is one reason as it stands.

    message = "0/" N " nodes are available:" ( " " REASON-OF-POD "." | " " COUNT " " REASON ("," " " COUNT " " REASON)* "." ) [ " " ADVICE ]
    Source: https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/scheduler/framework/types.go (FitError)
    """
    head = _HEAD.match(text)
    if head is None:
        return SchedulerMessage(None, (SchedulerReason(text.strip()),) if text.strip() else ())
    rest = text[head.end() :]
    reasons: tuple[SchedulerReason, ...] = ()
    if not _ADVICE.match(rest):
        sentence = rest.partition(". ")[0].removesuffix(".").strip()
        reasons = tuple(_reason(part) for part in _NEXT_COUNTED.split(sentence)) if sentence else ()
    return SchedulerMessage(int(head.group(1)), reasons)


def plain(reason: SchedulerReason, nodes: int | None) -> str:
    """One reason in words, with the nodes it concerns; an unknown reason is shown as it is."""
    for pattern, words in _WORDS:
        match = pattern.fullmatch(reason.text)
        if match is not None:
            return words.format(*match.groups(), on=_on(reason.nodes, nodes)).rstrip()
    return f"{reason.text} {_on(reason.nodes, nodes)}".rstrip()


def _reason(part: str) -> SchedulerReason:
    counted = _COUNTED.fullmatch(part)
    return SchedulerReason(counted.group(2), int(counted.group(1))) if counted else SchedulerReason(part)


def _on(count: int | None, nodes: int | None) -> str:
    if count is None:
        return ""
    if count == nodes:
        return "on all nodes" if count != 1 else "on the only node"
    return f"on {count} node{'' if count == 1 else 's'}"


_INSUFFICIENT: Final = re.compile(r"Insufficient (\S+)\Z")
_RECOMPUTED: Final = re.compile(
    r"Insufficient \S+\Z|Too many pods\Z"
    r"|node\(s\) (?:were unschedulable|had untolerated taint|had taints? |didn't match Pod's node affinity|didn't have free ports"
    r"|didn't match the requested node name|didn't match PersistentVolume's node affinity|had no available volume zone)"
    r"|node\(s\) didn't satisfy plugin\(s\) \[NodeAffinity\]"
)
_CLAIM: Final = r'persistentvolumeclaim "([^"]*)"'
_WORDS: Final = tuple(
    (re.compile(pattern, re.DOTALL), words)
    for pattern, words in (
        (r"Insufficient (\S+)", "too little {0} free {on}"),
        (r"Too many pods", "no room for another pod {on}"),
        (r"node\(s\) were unschedulable", "cordoned {on}"),
        (r"node\(s\) had untolerated taint \{(.*)\}", "reserved by taint {0} {on}"),
        (r"node\(s\) had (?:untolerated taint\(s\)|taints that the pod didn't tolerate)", "reserved by a taint {on}"),
        (
            r"node\(s\) didn't match (?:Pod's node affinity/selector|scheduler-enforced node affinity)",
            "the labels it asks for are missing {on}",
        ),
        (r"node\(s\) didn't satisfy plugin\(s\) \[NodeAffinity\]", "meant for another node {on}"),
        (r"node\(s\) didn't match the requested node name", "another node is asked for {on}"),
        (r"node\(s\) didn't match pod affinity rules", "the pods it must run beside are not {on}"),
        (r"node\(s\) didn't match pod anti-affinity rules", "a pod it must keep apart from runs {on}"),
        (r"node\(s\) didn't satisfy existing pods anti-affinity rules", "a pod that wants to stay alone runs {on}"),
        (r"node\(s\) didn't match pod topology spread constraints", "its spreading rule allows no more pods {on}"),
        (
            r"node\(s\) didn't match pod topology spread constraints \(missing required label\)",
            "the label its spreading rule needs is missing {on}",
        ),
        (r"node\(s\) didn't have free ports for the requested pod ports", "its host port is taken {on}"),
        (r"pod has unbound immediate PersistentVolumeClaims", "its claim is pending"),
        (rf"{_CLAIM} not found", "its claim {0} does not exist"),
        (rf"{_CLAIM} is being deleted", "its claim {0} is being deleted"),
        (rf"{_CLAIM} bound to non-existent persistentvolume .*", "its claim {0} has lost its volume"),
        (r"node\(s\) unavailable due to one or more pvc\(s\) bound to non-existent pv\(s\)", "its claim has lost its volume {on}"),
        (r"node\(s\) didn't find available persistent volumes to bind", "no volume to bind {on}"),
        (r"node\(s\) (?:didn't match PersistentVolume's node affinity|had no available volume zone)", "its volume cannot be used {on}"),
        (r"node\(s\) did not have enough free storage", "too little free storage {on}"),
        (r"node\(s\) exceed max volume count", "no more volumes can be attached {on}"),
        (
            r"node\(s\) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod",
            "its claim is for one pod at a time and another pod uses it {on}",
        ),
        (r"no nodes available to schedule pods", "there are no nodes"),
    )
)
