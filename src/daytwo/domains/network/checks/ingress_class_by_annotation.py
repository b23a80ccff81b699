"""The check `network/ingress-class-by-annotation`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.network.ingress_class import CLASS_ANNOTATION, GOOGLE
from daytwo.model.finding import Hit
from daytwo.model.network import Ingress, IngressClass
from daytwo.model.path import join
from daytwo.model.ref import Ref
from daytwo.model.repair import Edit, Repair
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(Ingress, heading=Heading.DELIVERY, severity=Severity.LOW, by_hand="an IngressClass of that name has to be there first")
def ingress_class_by_annotation(ingress: Ingress, snapshot: Snapshot) -> Iterator[Hit]:
    """An Ingress that names its class by the annotation kubernetes.io/ingress.class.

    Why: it is deprecated since spec.ingressClassName is there; controllers stop reading it one by one, and then nobody serves the
    Ingress. With both of them the API server refuses to create it.
    Fix: name the class in spec.ingressClassName, and drop the annotation.
    Source: https://kubernetes.io/docs/concepts/services-networking/ingress/#deprecated-annotation
    Not: the classes gce and gce-internal: Google's controller reads the annotation alone.
    """
    name = ingress.annotations.get(CLASS_ANNOTATION, "")
    if not name or name in GOOGLE:
        return
    path = join("metadata.annotations", CLASS_ANNOTATION)
    dropped = Edit(path, is_removal=True)
    if ingress.spec.ingress_class_name:
        other = ingress.spec.ingress_class_name
        is_same = name == other
        yield Hit(
            f"names its class twice, {name} by annotation and {other} in spec: the API server refuses to create it",
            path=path,
            fix="drop the annotation",
            repair=Repair((dropped,)) if is_same else None,
            by_hand="" if is_same else "which of the two is meant is for those who wrote it to say",
            severity=Severity.HIGH if ingress.is_declared else None,
        )
        return
    # The field means an object of that name, which the annotation never needed.
    is_there = snapshot.find(Ref(IngressClass.KIND, "", name)) is not None
    yield Hit(
        f"names its class {name} by a deprecated annotation",
        path=path,
        fix=f"write ingressClassName: {name}, and drop the annotation",
        repair=Repair((Edit("spec.ingressClassName", name), dropped)) if is_there else None,
    )
