"""The check `images/large-image`."""

from collections.abc import Iterator, Mapping
from typing import Annotated

import msgspec

from daytwo.catalog import check
from daytwo.domains.images.named import images
from daytwo.model.finding import Hit
from daytwo.model.image import parse_image
from daytwo.model.node import Node
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Basis, Heading, Severity
from daytwo.model.snapshot import Snapshot

_MIB = 2**20


class Size(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`most_mib`: how large an image may be on a node, unpacked, in MiB."""

    most_mib: Annotated[int, msgspec.Meta(ge=1)] = 2048


@check(Runnable, heading=Heading.RESOURCES, severity=Severity.LOW, basis=Basis.STATE, options=Size)
def large_image(subject: Runnable, snapshot: Snapshot, options: Size) -> Iterator[Hit]:
    """An image of more than 2 GiB on the nodes that have it.

    Why: a pod on a new node waits until it is pulled, so scaling out and recovering take minutes longer, and disks fill up. Most of
    it is tools that the program does not need and an attacker does.
    Fix: build in stages, start from a small base, and leave out caches and build tools.
    Source: https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/node-v1/
    Not: images that no node tells of: a kubelet reports the 50 largest that it has.
    """
    snapshot.require(Node.KIND)
    sizes = snapshot.once(_sizes)
    for placed, image in images(subject):
        size_bytes = sizes.get(f"{image.name}@{image.digest}" if image.is_pinned else f"{image.name}:{image.tag or 'latest'}", 0)
        if size_bytes > options.most_mib * _MIB:
            yield Hit(
                f"{placed.role} {placed.container.name} runs {placed.container.image}, {size_bytes / 2**30:.1f} GiB on its nodes",
                path=f"{placed.path}.image",
                item=placed.container.name,
                fix="build it in stages, on a smaller base",
            )


def _sizes(snapshot: Snapshot) -> Mapping[str, int]:
    """The size in bytes of each image that lies on a node, by `name:tag` and `name@digest`; the largest where nodes differ."""
    found: dict[str, int] = {}
    for node in snapshot.seen(Node):
        for lying in node.status.images:
            for name in lying.names:
                image = parse_image(name)
                if image is not None:
                    key = f"{image.name}@{image.digest}" if image.digest else f"{image.name}:{image.tag}"
                    found[key] = max(found.get(key, 0), lying.size_bytes)
    return found
