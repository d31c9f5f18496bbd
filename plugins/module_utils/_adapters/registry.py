# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A container registry over HTTP, as far as it is asked which images it has."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Iterable

from .._domain.errors import refuse
from .._domain.images import Image

SECONDS = 10
ACCEPT = ", ".join(
    (
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.docker.distribution.manifest.v2+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
    )
)


class Registry:
    """``address`` is ``host:port``; the site's registry speaks plain HTTP inside the site."""

    def __init__(self, address: str, seconds: float = SECONDS):
        self.address = address
        self._seconds = seconds
        # A proxy of the environment is for the world outside, never for the site.
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def present(self, images: Iterable[Image]) -> set[str]:
        """The references (``name:tag``) of those images that the registry has complete."""
        return {image.reference for image in images if self.has(image.name, image.tag)}

    def has(self, name: str, tag: str) -> bool:
        """Whether the registry has a manifest; it accepts one only after all its layers."""
        url = "http://%s/v2/%s/manifests/%s" % (self.address, name, tag)
        request = urllib.request.Request(url, method="HEAD", headers={"Accept": ACCEPT})
        try:
            with self._opener.open(request, timeout=self._seconds):
                return True
        except urllib.error.HTTPError as error:
            if error.code == 404:
                return False
            raise refuse("NXC-IMAGE-0002", registry=self.address, reason=str(error)) from error
        except (OSError, ValueError) as error:
            raise refuse("NXC-IMAGE-0002", registry=self.address, reason=str(error)) from error
