"""Change the images of a workload's containers, and so roll out new pods.

Why: another version of what runs; or the one that ran before, where the history is gone.
Undo: the images before. The same tag again rolls nothing out and pulls nothing: restart instead.
Source: https://kubernetes.io/docs/reference/kubectl/generated/kubectl_set/kubectl_set_image/
"""

from daytwo.actions.rolling import containers, template
from daytwo.catalog import Declaration
from daytwo.model.call import Call
from daytwo.model.change import FieldChange
from daytwo.model.errors import UsageError
from daytwo.model.facts import Facts, Needs
from daytwo.model.masking import mask_image
from daytwo.model.outcome import Outcome, Verification
from daytwo.model.parameter import Parameter, ParameterType
from daytwo.model.plan import Plan
from daytwo.model.step import Step

ACTION = Declaration(
    kinds=template.KINDS,
    parameters=(
        Parameter(
            "images",
            ParameterType.TEXTS,
            "A container, init containers too, and the image it shall run.",
            is_required=True,
            is_argument=True,
            metavar="CONTAINER=IMAGE",
        ),
    ),
    writes=template.WRITES,
    reads=template.READS,
)


def needs(call: Call) -> Needs:
    return Needs(objects=(template.target_of(call),))


def plan(call: Call, facts: Facts) -> Plan:
    wanted = _wanted(call)
    live = template.found(call, facts)
    target = template.target_of(call)
    known = tuple(containers.places(live))
    changes, guards, told, before = [], [], [], []
    for name, image in wanted.items():
        place = containers.place(target, known, name)
        now = place.value.get("image")
        if now == image:
            continue
        changes.append(FieldChange(place.path("image"), old=now, new=image))
        guards.append(place.guard)
        told.append(f"{name} to {mask_image(image)}")
        before.append(f"{name} to {mask_image(str(now))}")
    if not changes:
        images = ", ".join(f"{name} {mask_image(image)}" for name, image in wanted.items())
        title = f"set the images of {target}: {images}"
        return Plan(call, title, already=f"{target} has {images}; nothing is pulled anew: `daytwo act rollout-restart` makes new pods")
    return template.plan(call, live, f"set {target}: {', '.join(told)}", changes, guards, undo=f"set {', '.join(before)}")


def watch(step: Step) -> Needs:
    return template.watch(step)


def verify(step: Step, done: Outcome, facts: Facts) -> Verification:
    return template.verify(step, done, facts)


def undo(step: Step, done: Outcome) -> Step | None:
    return template.undo(step, f"set the images of {template.changed(step).target} back")


def _wanted(call: Call) -> dict[str, str]:
    wanted: dict[str, str] = {}
    for text in call.texts("images"):
        name, equals, image = text.partition("=")
        if not (name and equals and image) or image != image.strip():
            raise UsageError(f'"{text}" is no container with its image; write for example app=registry.example/web:1.4')
        if wanted.get(name, image) != image:
            raise UsageError(f'container "{name}" is given two images: {wanted[name]} and {image}')
        wanted[name] = image
    if not wanted:
        raise UsageError("no image is given; write for example app=registry.example/web:1.4")
    return wanted
