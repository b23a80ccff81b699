"""The immutable view of one cluster at one moment, with the indexes that judgement asks."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Final, TypeVar, cast

from daytwo.model.cluster import Cluster
from daytwo.model.control_plane import Namespace
from daytwo.model.event import Event
from daytwo.model.foreign import ForeignObject
from daytwo.model.gap import Gap, Unseen, Want
from daytwo.model.kinds import BY_NAME, WORKLOAD_KINDS, kind_name
from daytwo.model.metadata import OwnerReference, Resource
from daytwo.model.network import EndpointSlice, GRPCRoute, HTTPRoute, Ingress, Service
from daytwo.model.node import Node
from daytwo.model.occurrence import Occurrence, Series
from daytwo.model.ownership import NOTHING, Ownership
from daytwo.model.pod import Pod
from daytwo.model.policy import HorizontalPodAutoscaler, PodDisruptionBudget
from daytwo.model.ref import Cell, Ref
from daytwo.model.report import Coverage
from daytwo.model.runnable import Runnable
from daytwo.model.selector import Selector
from daytwo.model.storage import PersistentVolume, PersistentVolumeClaim, VolumeAttachment
from daytwo.model.workload import CustomWorkload, ReplicaSet, Rollout, Workload

R = TypeVar("R", bound=Resource)
T = TypeVar("T")

EVERYWHERE: Final = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """What was asked of one kind and how it was answered.

    `namespaces` None means the kind was listed across the cluster; otherwise only these namespaces were read. A kind that
    discovery does not know is not served: none exist, and nothing is hidden.
    """

    is_served: bool = True
    namespaces: frozenset[str] | None = None


@dataclass(frozen=True, repr=False)
class Snapshot:
    """What was seen: resources by kind, how each kind was read, gaps, and the answers to wants.

    `resources` maps a kind's name to its objects in (namespace, name) order. Absence is only told by `of` and `get`, which
    raise `Unseen` for what was not read; `seen` yields whatever is there, for evidence.

    Where it does not have whole specs, an earlier daytwo recorded it, and fields that are absent may have been there.

    Where `is_of_files`, the objects are those of somebody's files, and kinds that the files lack may well exist elsewhere.
    `ownership` is what a catalogue and a mapping file say of who looks after them.
    """

    taken_at: datetime
    cluster: Cluster
    resources: Mapping[str, tuple[Resource, ...]]
    readings: Mapping[str, Reading]
    gaps: tuple[Gap, ...] = ()
    occurrences: tuple[Occurrence, ...] = ()
    series: tuple[Series, ...] = ()
    answered: frozenset[Want] = field(default_factory=frozenset)
    is_of_files: bool = False
    has_whole_specs: bool = True
    ownership: Ownership = NOTHING

    def __repr__(self) -> str:
        # asyncio.run() tells its result, to nobody, when it ends: all of a snapshot takes seconds to tell.
        return f"<snapshot of {self.cluster.name} at {self.taken_at.isoformat()}: {self.count} objects>"

    # -- what is there --------------------------------------------------------------------------------------------

    def seen(self, type: type[R], namespace: str = EVERYWHERE) -> tuple[R, ...]:
        """The objects of a kind that were read; says nothing about those that were not."""
        if namespace:
            return self._by_namespace(type.KIND).get(namespace, ())  # type: ignore[return-value]
        return self.resources.get(type.KIND, ())  # type: ignore[return-value]

    def of(self, type: type[R], namespace: str = EVERYWHERE) -> tuple[R, ...]:
        """All objects of a kind, in one namespace or everywhere. Raises Unseen when any part of that was not read."""
        self.require(type.KIND, namespace)
        return self.seen(type, namespace)

    def get(self, type: type[R], namespace: str, name: str) -> R | None:
        """One object by name. None means it does not exist; Unseen is raised when it may exist where nobody looked."""
        found = self._by_name.get((type.KIND, namespace, name))
        if found is None:
            self.require(type.KIND, namespace)
        return found  # type: ignore[return-value]

    def find(self, ref: Ref) -> Resource | None:
        """One object by reference if it was read, for evidence."""
        return self._by_name.get((ref.kind, ref.namespace, ref.name))

    def by_uid(self, uid: str) -> Resource | None:
        """The object with this uid if it was read: names are reused, uids are not."""
        return self._by_uid.get(uid) if uid else None

    def all(self) -> Iterator[Resource]:
        for resources in self.resources.values():
            yield from resources

    @property
    def count(self) -> int:
        return sum(len(resources) for resources in self.resources.values())

    @cached_property
    def namespaces(self) -> tuple[str, ...]:
        """Every namespace that was seen, by its own object or by an object in it."""
        names = {namespace.name for namespace in self.seen(Namespace)}
        for kind in self.resources:
            names.update(self._by_namespace(kind))
        for reading in self.readings.values():
            names.update(reading.namespaces or ())
        names.discard("")
        return tuple(sorted(names))

    def once(self, derive: "Callable[[Snapshot], T]") -> T:
        """What a module's function makes of this snapshot, made the first time it is asked for: a table that only one domain needs."""
        if derive not in self._derived:
            self._derived[derive] = derive(self)
        return cast(T, self._derived[derive])

    # -- what is hidden -------------------------------------------------------------------------------------------

    def require(self, kind: str, namespace: str = EVERYWHERE) -> None:
        """Raises Unseen unless this kind was read in this namespace (everywhere, when none is given)."""
        gap = self.gap(kind, namespace)
        if gap is not None:
            raise Unseen(gap)

    def is_read(self, kind: str, namespace: str = EVERYWHERE) -> bool:
        return self.gap(kind, namespace) is None

    def gap(self, kind: str, namespace: str = EVERYWHERE) -> Gap | None:
        """Why this cell was not read; None when it was.

        A gap that names a kind and no namespace leaves those namespaces standing that the kind's reading names.
        """
        reading = self.readings.get(kind)
        is_named = reading is not None and reading.namespaces is not None and namespace in reading.namespaces
        for gap in self._gaps_by_kind.get(kind, ()):
            assert gap.cell is not None
            if not namespace or gap.cell.namespace == namespace or (not gap.cell.namespace and not is_named):
                return gap
        if reading is None and self.is_of_files:
            return Gap("files", _plural(kind), "not among these files", Cell(kind))
        if reading is None:
            return Gap("snapshot", f"{_plural(kind)}", "not part of this snapshot", Cell(kind))
        if reading.namespaces is None or not reading.is_served:
            return None
        if namespace and namespace in reading.namespaces:
            return None
        where = f" in namespace {namespace}" if namespace else " in all namespaces"
        return Gap("snapshot", f"{_plural(kind)}{where}", f"{_listed(reading.namespaces)} looked at", Cell(kind, namespace))

    def answer(self, want: Want) -> tuple[Occurrence, ...]:
        """What answered a want. Raises Unseen when nothing did."""
        if want not in self.answered:
            for gap in self.gaps:
                if gap.want == want:
                    raise Unseen(gap)
            raise Unseen(Gap(want.source, want.query, "was not asked", want=want))
        return self._occurrences_by_query.get((want.source, want.query), ())

    @cached_property
    def coverage(self) -> Coverage:
        """Cells and wants answered, of those asked. A namespaced kind is one cell for each namespace, any other kind one cell.

        A cell with a gap is not answered, even if most of it was read. A kind that is not served is answered: none exist.
        """
        answered, lost = len(self.answered), sum(gap.cells for gap in self.gaps)
        for name, reading in self.readings.items():
            kind = BY_NAME.get(name)
            hidden = {gap.cell.namespace for gap in self._gaps_by_kind.get(name, ()) if gap.cell is not None}
            if not reading.is_served or (kind is not None and (not kind.is_namespaced or kind.only_namespace)):
                answered += not hidden
            elif reading.namespaces is not None:
                answered += len(reading.namespaces - hidden)
            elif "" not in hidden:
                answered += len(set(self.namespaces) - hidden)
        return Coverage(answered, answered + lost)

    # -- who belongs to whom --------------------------------------------------------------------------------------

    def owner(self, resource: Resource) -> Resource | None:
        """The controlling owner, by uid, if it was read."""
        reference = resource.controller
        if reference is None:
            return None
        by_uid = self.by_uid(reference.uid)
        if by_uid is not None:
            return by_uid
        if reference.uid:
            return None
        return self._by_name.get((kind_name(reference.api_version, reference.kind), resource.namespace, reference.name))

    def top_owner(self, resource: Resource) -> Ref:
        """The workload at the top of the owner chain: Pod → ReplicaSet → Deployment, Pod → Job → CronJob; an event's is its object's.

        Where an owner was not read its reference is believed, and a ReplicaSet's Deployment is told by the pod-template-hash.
        The chain ends at a workload whose owner is none: operators and delivery tools own workloads too.
        """
        return self._top_owner(resource)[0]

    def workload(self, resource: Resource) -> Resource | None:
        """The object at the top of the owner chain, if it was read and is still there."""
        ref, is_there = self._top_owner(resource)
        return self.find(ref) if is_there else None

    def _top_owner(self, resource: Resource) -> tuple[Ref, bool]:
        """The top owner, and whether it is still there: a name is reused by an object of another uid."""
        passed: dict[str, None] = {}
        while True:
            key = resource.metadata.uid or str(resource.ref)
            result = self._top_owners.get(key)
            if result is not None:
                break
            reference = resource.controller
            if isinstance(resource, Event):
                result = (self._involved(resource), True)
            elif isinstance(resource, VolumeAttachment):
                result = (self._claim_of(resource), True)
            elif reference is None or reference.kind == "Node" or key in passed:
                # Objects that own each other in a circle have no top; where it is entered is as good as any.
                result = (resource.ref, True)
            else:
                owner = self.owner(resource)
                if isinstance(resource, Workload) and not self._is_workload(owner, reference):
                    # What an operator or a delivery tool owns is the workload itself.
                    result = (resource.ref, True)
                elif owner is None:
                    result = (_believed_owner(resource, reference), not self._is_replaced(resource, reference))
                else:
                    passed[key] = None
                    resource = owner
                    continue
            passed[key] = None
            break
        for key in passed:
            self._top_owners[key] = result
        return result

    def _claim_of(self, attachment: VolumeAttachment) -> Ref:
        """An attachment's name is a hash of volume and node; the claim behind its volume is what people know."""
        volume = self.find(Ref(PersistentVolume.KIND, "", attachment.spec.source.persistent_volume_name))
        claim = volume.spec.claim_ref if isinstance(volume, PersistentVolume) else None
        return Ref(PersistentVolumeClaim.KIND, claim.namespace, claim.name) if claim is not None else attachment.ref

    def _is_workload(self, owner: Resource | None, reference: OwnerReference) -> bool:
        return isinstance(owner, Workload) if owner is not None else kind_name(reference.api_version, reference.kind) in WORKLOAD_KINDS

    def _is_replaced(self, resource: Resource, reference: OwnerReference) -> bool:
        """Whether another object goes by the name of the owner that is no more."""
        key = (kind_name(reference.api_version, reference.kind), resource.namespace, reference.name)
        namesake = self._by_name.get(key)
        return namesake is not None and bool(namesake.metadata.uid) and namesake.metadata.uid != reference.uid

    def pods_of(self, owner: Ref) -> tuple[Pod, ...]:
        """The pods at whose top this owner stands, finished and terminating ones included."""
        return self._pods_by_top_owner.get(owner, ())

    def pods_on(self, node: str) -> tuple[Pod, ...]:
        return self._pods_by_node.get(node, ())

    def node_of(self, pod: Pod) -> Node | None:
        found = self._by_name.get(("Node", "", pod.spec.node_name)) if pod.spec.node_name else None
        return found if isinstance(found, Node) else None

    def replica_sets(self, deployment: Ref) -> tuple[ReplicaSet, ...]:
        """A Deployment's ReplicaSets, newest revision first."""
        return self._replica_sets.get(deployment, ())

    @cached_property
    def workloads(self) -> tuple[Workload, ...]:
        """Everything that stands at the top of an owner chain and has a pod template."""
        found: list[Workload] = []
        for resources in self.resources.values():
            found.extend(resource for resource in resources if isinstance(resource, Workload) and self.top_owner(resource) == resource.ref)
        return tuple(found)

    @cached_property
    def runnables(self) -> tuple[Runnable, ...]:
        """Whatever is asked to run pods: workloads at the top of their owner chain, and pods that nothing controls.

        A Rollout that refers to a Deployment has no pod spec of its own. Of pods whose owner is of a kind that daytwo has no model
        of, the first of each owner stands for all.
        """
        found: list[Runnable] = [one for one in self.workloads if not (isinstance(one, Rollout) and one.spec.workload_ref is not None)]
        owners: set[Ref] = set()
        for pod in self.seen(Pod):
            reference = pod.controller
            if reference is None:
                if not pod.is_mirror:
                    found.append(pod)
                continue
            if kind_name(reference.api_version, reference.kind) in WORKLOAD_KINDS:
                continue
            owner, is_there = self._top_owner(pod)
            if owner not in owners and owner.kind != Node.KIND and not (is_there and isinstance(self.find(owner), Workload)):
                owners.add(owner)
                found.append(pod)
        return tuple(found)

    # -- who selects whom -----------------------------------------------------------------------------------------

    def select_pods(self, selector: Selector, namespace: str) -> tuple[Pod, ...]:
        """The pods of one namespace that a selector matches, by its rarest label."""
        candidates: Sequence[Pod] = self.seen(Pod, namespace)
        for label in selector.match_labels.items():
            carriers = self._pods_by_label.get((namespace, *label), ())
            candidates = carriers if len(carriers) < len(candidates) else candidates
        return tuple(pod for pod in candidates if selector.matches(pod.metadata.labels))

    def pods_selected_by(self, service: Service) -> tuple[Pod, ...]:
        """The pods behind a Service; none for a Service without selector."""
        return self.select_pods(service.selector, service.namespace) if service.selector is not None else ()

    def services_selecting(self, labels: Mapping[str, str], namespace: str) -> tuple[Service, ...]:
        """The Services seen in a namespace whose selector matches these pod labels."""
        found: dict[str, Service] = {}
        for key, value in labels.items():
            for service in self._services_by_label.get((namespace, key, value), ()):
                if service.name not in found and all(labels.get(k) == v for k, v in service.spec.selector.items()):
                    found[service.name] = service
        return tuple(found.values())

    def budgets_selecting(self, labels: Mapping[str, str], namespace: str) -> tuple[PodDisruptionBudget, ...]:
        """The PodDisruptionBudgets seen in a namespace that select these pod labels."""
        return tuple(budget for budget in self.seen(PodDisruptionBudget, namespace) if budget.selects(dict(labels)))

    def autoscalers_of(self, target: Ref) -> tuple[HorizontalPodAutoscaler, ...]:
        return tuple(hpa for hpa in self.seen(HorizontalPodAutoscaler, target.namespace) if hpa.target == target)

    def namespaces_matching(self, selector: Selector) -> tuple[Namespace, ...]:
        """The namespaces that a namespaceSelector matches; the empty selector matches all."""
        return tuple(namespace for namespace in self.seen(Namespace) if selector.matches(namespace.labels))

    # -- how traffic flows ----------------------------------------------------------------------------------------

    def endpoint_slices(self, service: Service) -> tuple[EndpointSlice, ...]:
        return self._slices_by_service.get((service.namespace, service.name), ())

    @cached_property
    def routed_services(self) -> Mapping[tuple[str, str], tuple[Ref, ...]]:
        """(namespace, service) → the Ingresses and routes that name it as a backend."""
        found: dict[tuple[str, str], list[Ref]] = {}
        for ingress in self.seen(Ingress):
            for _, backend in ingress.backends():
                if backend.service is not None:
                    found.setdefault((ingress.namespace, backend.service.name), []).append(ingress.ref)
        for route in (*self.seen(HTTPRoute), *self.seen(GRPCRoute)):
            for rule in route.spec.rules:
                for target in rule.backend_refs:
                    if target.kind == "Service" and not target.group:
                        found.setdefault((target.namespace or route.namespace, target.name), []).append(route.ref)
        return {key: tuple(dict.fromkeys(refs)) for key, refs in found.items()}

    # -- what happened --------------------------------------------------------------------------------------------

    def events_of(self, resource: Resource) -> tuple[Event, ...]:
        """The events about one object, newest first: joined by uid; for nodes also by name, which kubelets write as uid."""
        if resource.KIND == "Node":
            return self._events_by_name.get(("Node", "", resource.name), ())
        if resource.metadata.uid:
            return self._events_by_uid.get(resource.metadata.uid, ())
        return self.events_about(resource.ref)

    def events_about(self, ref: Ref) -> tuple[Event, ...]:
        """The events about an object by kind and name, newest first, for objects that may be gone."""
        return self._events_by_name.get((ref.kind, ref.namespace, ref.name), ())

    def _involved(self, event: Event) -> Ref:
        """The top owner of the object that an event is about, by uid, else by name; the object itself where it is gone."""
        about = event.involved_object
        ref = Ref(kind_name(about.api_version, about.kind), about.namespace, about.name)
        found = self.by_uid(about.uid) or self.find(ref)
        return self._top_owner(found)[0] if found is not None and not isinstance(found, Event) else ref

    # -- indexes --------------------------------------------------------------------------------------------------

    @cached_property
    def _by_name(self) -> dict[tuple[str, str, str], Resource]:
        index: dict[tuple[str, str, str], Resource] = {}
        for resource in self.all():
            kind = resource.kind if isinstance(resource, CustomWorkload | ForeignObject) else resource.KIND
            index[(kind, resource.metadata.namespace, resource.metadata.name)] = resource
        return index

    @cached_property
    def _by_uid(self) -> dict[str, Resource]:
        return {resource.metadata.uid: resource for resource in self.all() if resource.metadata.uid}

    @cached_property
    def _namespace_indexes(self) -> dict[str, dict[str, tuple[Resource, ...]]]:
        return {}

    def _by_namespace(self, kind: str) -> dict[str, tuple[Resource, ...]]:
        index = self._namespace_indexes.get(kind)
        if index is None:
            lists: dict[str, list[Resource]] = {}
            for resource in self.resources.get(kind, ()):
                lists.setdefault(resource.metadata.namespace, []).append(resource)
            index = self._namespace_indexes[kind] = {namespace: tuple(found) for namespace, found in lists.items()}
        return index

    @cached_property
    def _gaps_by_kind(self) -> dict[str, list[Gap]]:
        index: dict[str, list[Gap]] = {}
        for gap in self.gaps:
            if gap.cell is not None:
                index.setdefault(gap.cell.kind, []).append(gap)
        return index

    @cached_property
    def _occurrences_by_query(self) -> dict[tuple[str, str], tuple[Occurrence, ...]]:
        index: dict[tuple[str, str], list[Occurrence]] = {}
        for occurrence in self.occurrences:
            query = f"{occurrence.subject.namespace}/{occurrence.subject.name}/{occurrence.item}"
            index.setdefault((occurrence.source, query), []).append(occurrence)
        return {key: tuple(found) for key, found in index.items()}

    @cached_property
    def _derived(self) -> dict[object, object]:
        return {}

    @cached_property
    def _top_owners(self) -> dict[str, tuple[Ref, bool]]:
        return {}

    @cached_property
    def _pods_by_top_owner(self) -> dict[Ref, tuple[Pod, ...]]:
        return _grouped((pod for pod in self.seen(Pod) if self._top_owner(pod)[1]), self.top_owner)

    @cached_property
    def _pods_by_node(self) -> dict[str, tuple[Pod, ...]]:
        return _grouped(self.seen(Pod), lambda pod: pod.spec.node_name)

    @cached_property
    def _pods_by_label(self) -> dict[tuple[str, str, str], list[Pod]]:
        index: dict[tuple[str, str, str], list[Pod]] = {}
        for pod in self.seen(Pod):
            for key, value in pod.metadata.labels.items():
                index.setdefault((pod.metadata.namespace, key, value), []).append(pod)
        return index

    @cached_property
    def _services_by_label(self) -> dict[tuple[str, str, str], list[Service]]:
        """Each Service under the rarest label of its selector: whatever matches it must carry that one."""
        index: dict[tuple[str, str, str], list[Service]] = {}
        asked = Counter((service.namespace, *label) for service in self.seen(Service) for label in service.spec.selector.items())
        for service in self.seen(Service):
            labels = [(service.namespace, *label) for label in service.spec.selector.items()]
            if labels:
                index.setdefault(min(labels, key=lambda label: asked[label]), []).append(service)
        return index

    @cached_property
    def _slices_by_service(self) -> dict[tuple[str, str], tuple[EndpointSlice, ...]]:
        return _grouped(self.seen(EndpointSlice), lambda part: (part.namespace, part.service_name))

    @cached_property
    def _replica_sets(self) -> dict[Ref, tuple[ReplicaSet, ...]]:
        grouped = _grouped((found for found in self.seen(ReplicaSet) if self._top_owner(found)[1]), self.top_owner)
        return {ref: tuple(sorted(found, key=lambda replica_set: -replica_set.revision)) for ref, found in grouped.items()}

    @cached_property
    def _events_by_uid(self) -> dict[str, tuple[Event, ...]]:
        return _newest_first(_grouped(self.seen(Event), lambda event: event.involved_object.uid))

    @cached_property
    def _events_by_name(self) -> dict[tuple[str, str, str], tuple[Event, ...]]:
        def about(event: Event) -> tuple[str, str, str]:
            involved = event.involved_object
            return kind_name(involved.api_version, involved.kind), involved.namespace, involved.name

        return _newest_first(_grouped(self.seen(Event), about))


K = TypeVar("K")


def by_kind(resources: Iterable[Resource]) -> dict[str, tuple[Resource, ...]]:
    """Resources as a snapshot holds them: by kind, each in (namespace, name) order."""
    lists: dict[str, list[Resource]] = {}
    for resource in resources:
        lists.setdefault(resource.KIND, []).append(resource)
    return {
        kind: tuple(sorted(found, key=lambda resource: (resource.metadata.namespace, resource.metadata.name)))
        for kind, found in sorted(lists.items())
    }


def _grouped(resources: Iterable[R], key: Callable[[R], K]) -> dict[K, tuple[R, ...]]:
    lists: dict[K, list[R]] = {}
    for resource in resources:
        lists.setdefault(key(resource), []).append(resource)
    return {value: tuple(found) for value, found in lists.items()}


def _newest_first(events: dict[K, tuple[Event, ...]]) -> dict[K, tuple[Event, ...]]:
    def newest(event: Event) -> float:
        return -event.at.timestamp() if event.at else 0.0

    return {key: tuple(sorted(found, key=newest)) for key, found in events.items()}


def _believed_owner(resource: Resource, reference: OwnerReference) -> Ref:
    kind = kind_name(reference.api_version, reference.kind)
    name_hash = resource.metadata.labels.get("pod-template-hash", "")
    if kind == "ReplicaSet" and name_hash and reference.name.endswith(f"-{name_hash}"):
        return Ref("Deployment", resource.namespace, reference.name.removesuffix(f"-{name_hash}"))
    return Ref(kind, resource.namespace, reference.name)


def _plural(kind: str) -> str:
    known = BY_NAME.get(kind)
    return known.plural if known is not None else kind


def _listed(namespaces: frozenset[str]) -> str:
    if not namespaces:
        return "no namespace was"
    shown = sorted(namespaces)
    names = ", ".join(shown[:3]) + (f" and {len(shown) - 3} more" if len(shown) > 3 else "")
    return f"only {names} {'was' if len(shown) == 1 else 'were'}"
