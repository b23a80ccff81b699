"""The check `delivery/label-invalid`."""

from collections.abc import Iterator, Mapping

from daytwo.catalog import check
from daytwo.domains.delivery.spelling import wrong_with_key, wrong_with_value
from daytwo.model.finding import Hit
from daytwo.model.metadata import Resource
from daytwo.model.path import join
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot
from daytwo.model.workload import Workload


def _is_declared(resource: Resource) -> bool:
    return resource.is_declared


@check(
    Resource,
    heading=Heading.DELIVERY,
    severity=Severity.HIGH,
    applies=_is_declared,
    by_hand="what the label should say is for its owner to know",
)
def label_invalid(resource: Resource, snapshot: Snapshot) -> Iterator[Hit]:
    """A label, or the key of an annotation, that the API server does not take.

    Why: applying the manifest fails. It is mostly a generated value: a version with a `+`, a branch with a `/`, a name that is too
    long, an address.
    Fix: keep to 63 letters, digits, dashes, dots and underscores; what is longer or freer belongs into an annotation.
    Source: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set
    Not: the values of annotations, which may be anything; empty values; capitals, which labels may have and names may not.
    """
    yield from _labels(resource.labels, "metadata.labels")
    yield from _annotations(resource.annotations, "metadata.annotations")
    if isinstance(resource, Workload):
        yield from _labels(resource.pod_labels, f"{resource.template_path}metadata.labels")
        yield from _annotations(resource.pod_annotations, f"{resource.template_path}metadata.annotations")


def _labels(labels: Mapping[str, str], path: str) -> Iterator[Hit]:
    for key, value in labels.items():
        yield from _key(key, wrong_with_key(key), path)
        wrong = wrong_with_value(value)
        if wrong:
            yield Hit(
                f'the label {key} has the value "{value}", which {wrong}',
                path=join(path, key),
                item=join(path, key),
                fix="shorten it to 63 letters, digits, dashes, dots and underscores, or make it an annotation",
            )


def _annotations(annotations: Mapping[str, str], path: str) -> Iterator[Hit]:
    for key in annotations:
        # Unlike those of labels, these may have capitals in front of the slash.
        yield from _key(key, wrong_with_key(key.lower()), path)


def _key(key: str, wrong: str, path: str) -> Iterator[Hit]:
    if wrong:
        yield Hit(f'the key "{key}" {wrong}', path=join(path, key), item=f"{join(path, key)} key", fix="rename it")
