"""What a kubelet says of its node, in plain words.

Source: https://github.com/kubernetes/kubernetes/tree/v1.36.2/pkg/kubelet (runtime.go, pleg, nodeshutdown)
"""

from typing import Final

_REASONS: Final = (
    ("cni plugin not initialized", "its network plugin is not running"),
    ("network plugin is not ready", "its network plugin is not running"),
    ("container runtime network not ready", "its network plugin is not running"),
    ("container runtime is down", "its container runtime is down"),
    ("pleg", "its container runtime is too slow to answer"),
    ("shutting down", "it is shutting down"),
    ("csinode", "its storage drivers are not registered"),
)


def in_plain_words(message: str) -> str:
    """The kubelet's reason as a person would say it; the kubelet's own words where none is known."""
    lowered = message.lower()
    for token, words in _REASONS:
        if token in lowered:
            return words
    return message.partition("\n")[0].rstrip(".") or "the kubelet gives no reason"


def is_network(message: str) -> bool:
    return in_plain_words(message) == _REASONS[0][1]
