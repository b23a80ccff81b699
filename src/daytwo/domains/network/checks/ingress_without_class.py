"""The check `network/ingress-without-class`."""

from collections.abc import Iterator
from typing import Final

from daytwo.catalog import check
from daytwo.model.command import kubectl
from daytwo.model.finding import Evidence, Hit
from daytwo.model.gap import Gap, Unseen
from daytwo.model.nearness import nearest
from daytwo.model.network import Ingress, IngressClass
from daytwo.model.ref import Cell, Ref
from daytwo.model.severity import Basis, Harm, Heading, Severity
from daytwo.model.snapshot import Snapshot

# Google's controllers go by these names without an IngressClass object.
_WITHOUT_OBJECT: Final = frozenset({"gce", "gce-internal"})


@check(
    Ingress,
    heading=Heading.RELIABILITY,
    severity=Severity.HIGH,
    harm=Harm.ACTIVE,
    applies=lambda ingress: not ingress.is_terminating,
    by_hand="which controllers a cluster runs is for those who run it to say",
    basis=Basis.BOTH,
)
def ingress_without_class(ingress: Ingress, snapshot: Snapshot) -> Iterator[Hit]:
    """An Ingress whose ingressClassName names an IngressClass that does not exist, and that no controller has taken up.

    Why: no controller feels responsible, so none of its hosts is served, and no event says so.
    Fix: name an IngressClass that exists, or install the controller that brings it.
    Source: https://kubernetes.io/docs/concepts/services-networking/ingress/#ingress-class
    Not: the classes gce and gce-internal, which have no object; the old annotation kubernetes.io/ingress.class, which never needed
    one; an Ingress without class, which a controller may take up by default; an Ingress that has an address. Files seldom hold the
    classes: there only a name that differs by a typo from one that they do hold is told.
    """
    name = ingress.spec.ingress_class_name
    if not name or name in _WITHOUT_OBJECT or ingress.status.load_balancer.ingress:
        return
    if snapshot.get(IngressClass, "", name) is not None:
        return
    known = [known.name for known in snapshot.seen(IngressClass)]
    if ingress.is_declared:
        meant = nearest(name, known)
        if not meant:
            raise Unseen(Gap("files", f"IngressClass {name}", "not among these files", Cell(IngressClass.KIND)))
        yield Hit(
            f"IngressClass {name} does not exist; nearest is {meant}",
            path="spec.ingressClassName",
            fix=f"name IngressClass {meant}",
            harm=Harm.NONE,
        )
        return
    meant = nearest(name, known) or (known[0] if len(known) == 1 else "")
    yield Hit(
        f"no controller serves it: IngressClass {name} does not exist",
        path="spec.ingressClassName",
        fix=f"name IngressClass {meant}" if meant else "name an IngressClass that exists, or install the controller that brings it",
        evidence=(
            Evidence(f"Ingress {ingress.name}: spec.ingressClassName is {name}, and it has no address"),
            Evidence(f"IngressClasses here: {', '.join(known[:5]) or 'none'}"),
        ),
        because=(Ref(IngressClass.KIND, "", name),),
        confirm=kubectl("get", "ingressclass"),
    )
