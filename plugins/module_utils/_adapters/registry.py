# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A container registry over HTTP, as far as it is asked which images it has."""

from __future__ import annotations

import base64
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterable
from http.client import HTTPResponse
from typing import NamedTuple, cast

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


class Access(NamedTuple):
    """An account of the registry, and the file with the authorities by which its certificate is verified."""

    user: str
    password: str
    authorities: str

    def __repr__(self) -> str:
        return "Access(user=%r)" % self.user

    @property
    def basic(self) -> str:
        """The account as HTTP and the files of podman and buildah write it."""
        return base64.b64encode(("%s:%s" % (self.user, self.password)).encode()).decode("ascii")


class Registry:
    """``address`` is ``host:port``, spoken to over TLS that the authorities in the file of the access verify."""

    def __init__(self, address: str, access: Access, seconds: float = SECONDS):
        self.address = address
        self.access = access
        self._seconds = seconds
        self._opener: urllib.request.OpenerDirector | None = None

    def present(self, images: Iterable[Image]) -> set[str]:
        """The references (``name:tag``) of those images that the registry has complete."""
        return {image.reference for image in images if self.has(image.name, image.tag)}

    def has(self, name: str, tag: str) -> bool:
        """Whether the registry has a manifest; it accepts one only after all its layers."""
        url = "https://%s/v2/%s/manifests/%s" % (self.address, name, tag)
        headers = {"Accept": ACCEPT, "Authorization": "Basic %s" % self.access.basic}
        request = urllib.request.Request(url, method="HEAD", headers=headers)
        try:
            with self._open(request):
                return True
        except urllib.error.HTTPError as error:
            if error.code == 404:
                return False
            if error.code in (401, 403):
                raise refuse("NXC-IMAGE-0008", registry=self.address, user=self.access.user) from error
            raise refuse("NXC-IMAGE-0002", registry=self.address, reason=str(error)) from error
        except (OSError, ValueError) as error:
            raise refuse("NXC-IMAGE-0002", registry=self.address, reason=str(error)) from error

    def _open(self, request: urllib.request.Request) -> HTTPResponse:
        if self._opener is None:
            context = ssl.create_default_context(cafile=self.access.authorities)
            context.minimum_version = ssl.TLSVersion.TLSv1_2
            # A proxy of the environment is for the world outside, never for the site.
            handlers = (urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context))
            self._opener = urllib.request.build_opener(*handlers)
        return cast(HTTPResponse, self._opener.open(request, timeout=self._seconds))
