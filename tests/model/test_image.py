"""References to images are taken apart as the kubelet does: each row was compared with github.com/distribution/reference v0.6.0."""

import pytest

from daytwo.model.image import Image, parse_image

DIGEST = "sha256:" + "a" * 64


@pytest.mark.parametrize(
    ("text", "image"),
    [
        ("nginx", Image("docker.io", "library/nginx")),
        ("nginx:1.29", Image("docker.io", "library/nginx", "1.29")),
        ("index.docker.io/nginx", Image("docker.io", "library/nginx")),
        ("shop/web", Image("docker.io", "shop/web")),
        (f"nginx:1.29@{DIGEST}", Image("docker.io", "library/nginx", "1.29", DIGEST)),
        (f"ghcr.io/shop/web@{DIGEST}", Image("ghcr.io", "shop/web", "", DIGEST)),
        ("localhost/web", Image("localhost", "web")),
        ("localhost:5000/web:1", Image("localhost:5000", "web", "1")),
        ("[::1]:5000/web", Image("[::1]:5000", "web")),
        ("Registry/web", Image("Registry", "web")),
        ("nginx:5000", Image("docker.io", "library/nginx", "5000")),
        ("a__b/c-d.e:_1", Image("docker.io", "a__b/c-d.e", "_1")),
    ],
)
def test_reference_is_taken_apart(text: str, image: Image) -> None:
    assert parse_image(text) == image


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a" * 64,
        "Nginx",
        "shop/Web:1",
        "nginx:1:2",
        "nginx:-1",
        "nginx:" + "t" * 129,
        "nginx@sha256:abc",
        "nginx@md5:" + "a" * 32,
        "https://ghcr.io/shop/web",
        " nginx",
        "a___b",
        "nginx:{{ tag }}",
        "x/" + "y" * 260,
    ],
)
def test_what_no_kubelet_takes_is_no_image(text: str) -> None:
    assert parse_image(text) is None


def test_a_digest_outranks_the_tag_latest() -> None:
    """`latest` beside a digest is a comment."""
    assert parse_image("nginx").is_latest  # type: ignore[union-attr]
    assert parse_image("nginx:latest").is_latest  # type: ignore[union-attr]
    assert not parse_image(f"nginx:latest@{DIGEST}").is_latest  # type: ignore[union-attr]
