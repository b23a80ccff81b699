"""Findings become changed files, with proof."""

import asyncio
import subprocess
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from textwrap import dedent

import pytest

from daytwo.engine.observe import observe
from daytwo.engine.repairing import judging, repair
from daytwo.engine.review import reviewed
from daytwo.model.files import Files
from daytwo.model.finding import Finding, Hit
from daytwo.model.json import Json
from daytwo.model.origin import Origin
from daytwo.model.profile import ALL
from daytwo.model.ref import Ref
from daytwo.model.repair import Edit, Repair, applied, removing, setting
from daytwo.model.repaired import Repairs
from daytwo.model.scope import Filters, Scope
from daytwo.model.severity import Harm, Heading, Severity, Verdict
from daytwo.model.standard import Standard
from daytwo.sources.manifests.patching import operations
from daytwo.sources.manifests.source import Manifests
from daytwo.sources.manifests.values import values_of
from tests.conftest import programs

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
TEXT = "kind: A # one\na: 1\n---\nkind: B\nb: 1\n"
FIRST, SECOND = Origin("a.yaml"), Origin("a.yaml", 4)


def finding(check: str, repair: Repair | None, origin: Origin = FIRST, *, name: str = "x", severity: Severity = Severity.HIGH) -> Finding:
    subject = Ref("Thing", "shop", name)
    hit = Hit(f"{check} is wrong", repair=repair, by_hand="" if repair else "somebody must decide")
    return Finding(check, subject, subject, Verdict.FAIL, severity, Heading.SECURITY, Harm.NONE, hit, origin=origin)


def run(findings: Iterable[Finding], judge: Callable[[str], Iterable[Finding]], text: str = TEXT) -> Repairs:
    """`judge` says what is found in the changed text of the only file."""

    async def judge_anew(texts: Mapping[str, str]) -> Iterable[Finding]:
        return judge(texts["a.yaml"])

    return asyncio.run(repair({"a.yaml": text}, findings, judge_anew))


def test_what_holds_is_made_at_once_and_the_rest_is_left_with_its_reason() -> None:
    a, b = finding("a", setting("a", 2)), finding("b", removing("b"), SECOND, name="y")
    by_hand = finding("c", None)
    repairs = run([a, b, by_hand], lambda text: [by_hand])
    (file,) = repairs.files
    assert file.after == "kind: A # one\na: 2\n---\nkind: B\n"
    assert set(file.findings) == {a, b}
    assert [(one.finding, one.reason) for one in repairs.left] == [(by_hand, "somebody must decide")]
    assert file.diff == "--- a/a.yaml\n+++ b/a.yaml\n@@ -1,5 +1,4 @@\n kind: A # one\n-a: 1\n+a: 2\n ---\n kind: B\n-b: 1\n"


def test_a_repair_that_brings_something_new_is_left_and_the_others_are_made() -> None:
    good, bad = finding("good", setting("a", 2)), finding("bad", setting("x", 3))
    new = finding("new", None)
    repairs = run([good, bad], lambda text: [new] if "x: 3" in text else [])
    assert [file.after for file in repairs.files] == [TEXT.replace("a: 1", "a: 2")]
    (left,) = repairs.left
    assert left.finding == bad
    assert left.reason == "its repair would bring new at Thing shop/x: new is wrong"


def test_a_repair_far_away_that_brings_something_new_is_found_by_halves() -> None:
    text = "".join(f"---\nkind: A\nn: {number}\n" for number in range(9))
    findings = [finding("n", setting("done", True), Origin("a.yaml", 2 + 3 * number), name=f"n{number}") for number in range(9)]

    def judge(changed: str) -> list[Finding]:
        is_seven_done = "n: 7\ndone: true" in changed
        return [one for one in findings if f"n: {one.subject.name[1:]}\ndone" not in changed] + [finding("new", None)] * is_seven_done

    repairs = run(findings, judge, text)
    assert [left.finding.subject.name for left in repairs.left] == ["n7"]
    assert repairs.files[0].after.count("done: true") == 8


def test_a_repair_that_does_not_mend_is_left() -> None:
    a = finding("a", setting("a", 2))
    repairs = run([a], lambda text: [a])
    assert repairs.files == ()
    assert repairs.left[0].reason == "it is still found after its repair"


def test_what_is_not_written_there_cannot_be_removed() -> None:
    """A default of the API server stands in no file."""
    repairs = run([finding("a", removing("spec.strategy"))], lambda text: [])
    assert repairs.left[0].reason == "what its repair changes is not written there"


def test_of_two_repairs_of_one_field_the_worse_finding_wins_and_the_other_has_its_turn_after_it() -> None:
    low = finding("low", setting("a", 2), severity=Severity.LOW)
    high = finding("high", setting("a", 3))
    again = finding("low", setting("b", 4), severity=Severity.LOW)
    repairs = run([low, high], lambda text: [] if "b: 4\n---" in text else [again] if "a: 3" in text else [low, high])
    assert repairs.files[0].after == TEXT.replace("a: 1", "a: 3\nb: 4")
    assert repairs.left == ()


def test_two_findings_may_want_the_same_edit() -> None:
    one, other = finding("one", setting("a", 2)), finding("other", setting("a", 2))
    assert run([one, other], lambda text: []).files[0].findings == (one, other)


def test_two_elements_may_be_added_to_one_list() -> None:
    one, other = finding("one", setting("l[+]", 1)), finding("other", setting("l[+]", 2))
    assert run([one, other], lambda text: []).files[0].after == TEXT.replace("a: 1", "a: 1\nl:\n- 1\n- 2")


def test_a_document_is_added_once_and_names_a_namespace_only_where_its_neighbour_does() -> None:
    budget = Repair(documents=({"kind": "Budget", "metadata": {"name": "b", "namespace": "default"}},))
    assumed = Origin("a.yaml", is_namespace_assumed=True)
    repairs = run([finding("one", budget, assumed), finding("other", budget, assumed)], lambda text: [])
    assert repairs.files[0].after == f"{TEXT}---\nkind: Budget\nmetadata:\n  name: b\n"


@pytest.mark.parametrize(
    ("origin", "reason"),
    [
        (Origin("stdin"), "came by standard input"),
        (Origin("a.yaml", is_observed=True), "what a cluster wrote"),
        (Origin("other.yaml"), "was not read"),
        (Origin("a.yaml", 9), "not found"),
    ],
)
def test_what_stands_in_nobodys_file_is_left(origin: Origin, reason: str) -> None:
    (left,) = run([finding("a", setting("a", 2), origin)], lambda text: []).left
    assert reason in left.reason


def test_an_alias_is_left_with_its_name() -> None:
    (left,) = run([finding("a", setting("b.c", 2))], lambda text: [], "a: &x {c: 1}\nb: *x\n").left
    assert "*x" in left.reason


# -- with real checks --------------------------------------------------------------------------------------------------

DEPLOYMENT = dedent(
    """\
    # The front of the shop.
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: web
    spec:
      replicas: 3   # one for each zone
      selector: {matchLabels: {app: web}}
      template:
        metadata: {labels: {app: web}}
        spec:
          containers:
            # The program itself.
            - name: app
              image: registry.example/shop/web:1.4.2
              securityContext:
                privileged: false
                capabilities: {add: [NET_RAW]}
    """
)
PSS = ("pod-security/capability-added", "pod-security/seccomp-missing", "pod-security/may-run-as-root", "pod-security/net-raw-kept")


def repaired(paths: list[str], *only: str) -> Repairs:
    filters, standard = Filters(only=only), Standard(ALL)

    def open_files(texts: Mapping[str, str]) -> Manifests:
        return Manifests(Files(tuple(paths)), now=NOW, overrides=texts)

    async def both() -> Repairs:
        source = open_files({})
        snapshot = await observe(source, Scope(), (), lambda progress: None)
        findings = reviewed(snapshot, filters, None, standard, is_joined=False).report.findings
        return await repair(source.texts, findings, judging(open_files, Scope(), filters, standard))

    return asyncio.run(both())


def test_a_deployment_of_somebodys_is_mended_in_their_own_words(tmp_path: Path) -> None:
    file = tmp_path / "web.yaml"
    file.write_text(DEPLOYMENT, encoding="utf-8")
    (changed,) = repaired([str(file)], *PSS).files
    kept = [line for line in DEPLOYMENT.splitlines() if "NET_RAW" not in line]
    assert [line for line in changed.after.splitlines() if line in kept] == kept
    file.write_text(changed.after, encoding="utf-8")
    again = repaired([str(file)], *PSS)
    assert (again.files, [left for left in again.left if left.finding.hit.repair is not None]) == ((), [])


@pytest.mark.cluster
def test_what_kustomize_renders_is_patched_by_a_kustomization(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """kustomize itself makes of the patch what was judged."""
    kubectl = programs()["kubectl"]
    monkeypatch.setenv("PATH", str(kubectl.parent), prepend=":")
    monkeypatch.chdir(tmp_path)
    base = tmp_path / "base"
    base.mkdir()
    (base / "web.yaml").write_text(DEPLOYMENT, encoding="utf-8")
    (base / "kustomization.yaml").write_text("namespace: shop\nnamePrefix: eu.\nresources: [web.yaml]\n", encoding="utf-8")
    repairs = repaired(["base"], *PSS)
    assert repairs.files == ()
    (patch,) = repairs.patches
    for name, text in patch.files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    built = subprocess.run([kubectl, "kustomize", "."], cwd=tmp_path, capture_output=True, text=True, check=True)
    rendered = subprocess.run([kubectl, "kustomize", "base"], cwd=tmp_path, capture_output=True, text=True, check=True)
    (before,), (after,) = values_of(rendered.stdout), values_of(built.stdout)
    edits = [edit for one in patch.findings if one.hit.repair is not None for edit in one.hit.repair.edits]
    assert after.value == applied(before.value, edits)
    assert after.value != before.value
    assert repaired(["."], *PSS).mended == ()
    assert {one.check for one in patch.findings} >= {"pod-security/net-raw-kept", "pod-security/seccomp-missing"}


def test_edits_of_a_rendered_object_are_a_json_patch() -> None:
    containers: Json = [{"name": "a", "x": 1}, {"name": "b"}]
    value: Json = {"spec": {"c": containers, "n": None, "gone": 1}}
    edits = [
        Edit("spec.c[b].limits.memory", "1Gi"),
        Edit("spec.c[b].limits.cpu", "1"),
        Edit("spec.c[a].x", 2),
        Edit("spec.c[+]", {"name": "d"}),
        Edit("spec.n.deep", True),
        Edit("spec.gone", is_removal=True),
        Edit("spec.absent", is_removal=True),
        Edit("metadata.annotations[a.example/b]", "c"),
    ]
    assert operations(value, edits) == [
        {"op": "test", "path": "/spec/c/1/name", "value": "b"},
        {"op": "add", "path": "/spec/c/1/limits", "value": {"memory": "1Gi"}},
        {"op": "add", "path": "/spec/c/1/limits/cpu", "value": "1"},
        {"op": "test", "path": "/spec/c/0/name", "value": "a"},
        {"op": "replace", "path": "/spec/c/0/x", "value": 2},
        {"op": "add", "path": "/spec/c/-", "value": {"name": "d"}},
        {"op": "add", "path": "/spec/n", "value": {"deep": True}},
        {"op": "remove", "path": "/spec/gone"},
        {"op": "add", "path": "/metadata", "value": {"annotations": {"a.example/b": "c"}}},
    ]
