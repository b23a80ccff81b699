"""Markdown for a ticket or a chat."""

from msgspec.structs import replace

from daytwo.model.command import Next, kubectl
from daytwo.render import markdown
from daytwo.render.view import View
from tests.render.shop import CRASH_LOOP, shop, whole_shop

VIEW = View()


def test_a_review_tells_today_in_full_and_the_week_as_a_table() -> None:
    told = markdown.review(whole_shop(), VIEW)
    assert told.startswith(
        "# shop-prod\n\nlooked at 2026-11-20 08:00 UTC · 1,204 objects, 14 namespaces · Kubernetes v1.36.2 · coverage 97 %\n"
    )
    assert (
        "### 1. CRITICAL shop/payments\n\n"
        "2 of 3 pods are crash-looping since 07:12: out of memory (limit 256Mi, 14 restarts)\n\n"
        "We know: pod payments-7c9d-x2x: last state OOMKilled 07:58;"
    ) in told
    assert "```sh\nkubectl -n shop rollout undo deployment/payments --to-revision=8\n```" in told
    assert "| 3 | MEDIUM | edge/shop-example-tls | certificate for shop.example expires in 6 days (26 Nov 08:00) |\n" in told
    assert "## Hygiene: 8\n\nreliability 6 · resources 2\n" in told
    assert "## Could not look: 2\n\n- secrets in namespace vault: forbidden for user viewer → 4 checks unknown\n" in told


def test_a_problem_whole() -> None:
    told = markdown.problem(whole_shop(), CRASH_LOOP, VIEW)
    assert "## Timeline\n\n| At | What |\n| --- | --- |\n| 07:09:00 | revision 9 rolled out |\n" in told
    assert "| Deployment shop/payments | 1 of 3 |" in told
    assert "```text\nstarting payments 2.14.0\n" in told


def test_findings_by_object_and_by_check() -> None:
    by_object = markdown.check(whole_shop(), VIEW)
    assert "## Deployment shop/payments\n\n| Severity | Check | Seen at | Finding |\n" in by_object
    by_check = markdown.check(whole_shop(), VIEW, by="check")
    assert "## workloads/crash-looping\n\n| Severity | Object | Seen at | Finding |\n" in by_check
    assert "## Unknown: 1\n" in by_check


def test_text_from_a_cluster_is_no_markup() -> None:
    evil = replace(
        CRASH_LOOP,
        subject="shop/<img src=x>",
        title="a | b `c` *d* [e](javascript:f)\n# g",
        next=Next(repair=kubectl("get", "```\n# h")),
    )
    told = markdown.review(shop(evil), VIEW)
    assert "shop/&lt;img src=x&gt;" in told
    assert "a \\| b \\`c\\` \\*d\\* \\[e\\](javascript:f)\\\\n\\# g" in told
    assert "````sh\nkubectl get '```\\n# h'\n````" in told
