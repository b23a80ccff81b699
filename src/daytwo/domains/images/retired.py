"""Registries, and parts of registries, that are gone, frozen or no longer looked after."""

from typing import Final

import msgspec

from daytwo.model.image import Image
from daytwo.model.severity import Severity


class Retired(msgspec.Struct, frozen=True, gc=False):
    """Images whose full name begins with `prefix`.

    `what` completes "PREFIX …"; `instead` holds the very same images under their own names, where there is such a
    place; `but_latest`: the tag `latest` is still served, and a digest alone may be that of today's.
    """

    prefix: str
    what: str
    severity: Severity
    instead: str = ""
    but_latest: bool = False


RETIRED: Final[tuple[Retired, ...]] = (
    # Frozen on 2023-04-03, redirected since 2023-03-20 "as a stopgap".
    # Source: https://kubernetes.io/blog/2023/03/10/image-registry-redirect/
    Retired("k8s.gcr.io", "is frozen since April 2023 and will be switched off", Severity.MEDIUM, "registry.k8s.io"),
    # Read-only since k8s.gcr.io was pointed elsewhere in July 2020; all its images were copied there before.
    # Source: https://github.com/kubernetes/release/issues/270, https://github.com/kubernetes/k8s.io/pull/1014
    Retired("gcr.io/google_containers", "is frozen since July 2020", Severity.MEDIUM, "registry.k8s.io"),
    Retired("gcr.io/google-containers", "is frozen since July 2020", Severity.MEDIUM, "registry.k8s.io"),
    # Gone since 2025-03-18; the images were copied.
    # Source: https://github.com/kubernetes-sigs/kubebuilder/discussions/3907, https://github.com/kubernetes/k8s.io/pull/6690
    Retired("gcr.io/kubebuilder", "is gone since March 2025", Severity.HIGH, "registry.k8s.io/kubebuilder"),
    # Access removed in July 2025; "the exact same image" is at ghcr.io.
    # Source: https://github.com/tektoncd/pipeline/issues/8870, https://tekton.dev/blog/2025/04/03/migration-to-github-container-registry/
    Retired(
        "gcr.io/tekton-releases/github.com/tektoncd", "is closed since July 2025", Severity.HIGH, "ghcr.io/tektoncd/github.com/tektoncd"
    ),
    # Versioned tags were deleted on 2025-09-29; what is left is `latest`, for development.
    # Source: https://github.com/bitnami/containers/issues/83267
    Retired("docker.io/bitnami", "serves no versions since September 2025", Severity.HIGH, but_latest=True),
    # Source: the same: no updates or support, for temporary migration only.
    Retired("docker.io/bitnamilegacy", "keeps old images for a while and gets no security fixes", Severity.MEDIUM),
    # To be taken down; the projects publish at ghcr.io, under other names.
    # Source: https://github.com/zalando-incubator/stackset-controller/pull/733, https://github.com/zalando/skipper/pull/4054
    Retired("registry.opensource.zalan.do", "is being taken down by its owner", Severity.MEDIUM),
)
_BY_PREFIX: Final = {one.prefix: one for one in RETIRED}


def retired(image: Image) -> Retired | None:
    """The entry for an image; whole parts of its name are compared, `docker.io/bitnami` is not `docker.io/bitnamilegacy`."""
    prefix = image.name
    while prefix:
        found = _BY_PREFIX.get(prefix)
        if found is not None:
            return None if found.but_latest and image.tag in ("", "latest") else found
        prefix = prefix.rpartition("/")[0]
    return None
