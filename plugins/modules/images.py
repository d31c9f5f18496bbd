#!/usr/bin/python

# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Have container images in a registry."""

from __future__ import annotations

DOCUMENTATION = r"""
module: images
short_description: Have container images in a registry
version_added: 0.1.0
description:
  - Asks the registry which of the wanted images it has, builds the others from their recipes and pushes them.
  - An image's tag ends in a digest of its recipe, so an image that is there under its tag is never built again.
  - All images stand on one base, made once from the distribution's packages and kept in the registry too.
  - Images are built at the same time, as many as the machine has processors, and pushed when they are complete.
    If one fails, the others are still built; the failure names each with the end of its output.
requirements:
  - buildah and mmdebstrap on the node, and the right to mount file systems there
author:
  - the nextgen.cloud authors (!UNKNOWN)
extends_documentation_fragment:
  - nextgen.cloud.attributes
attributes:
  check_mode:
    details: If the registry does not answer yet, every image counts as missing.
options:
  manifests:
    description: Manifests of kind C(image), with the files of the recipe in them.
    type: list
    elements: dict
    required: true
  registry:
    description: Host and port of the registry. It is spoken to over TLS 1.2 or newer.
    type: str
    required: true
  registry_user:
    description: Account of the registry.
    type: str
    required: true
  registry_password:
    description: The account's password. While images are built, a file that only root reads has it; never an argument.
    type: str
    required: true
  registry_ca:
    description: File on the node with the authorities by which the registry's certificate is verified.
    type: path
    default: /etc/nextgen.cloud/pki/ca.pem
  directory:
    description:
      - Folder to build in, for this module alone. It is emptied before and after, and needs about 2 GiB.
      - It must not be on an overlay file system if builds shall be fast.
    type: path
    default: /var/lib/containers/nextgen-images
  suite:
    description: Suite of the distribution for the base image.
    type: str
    default: bookworm
  packages:
    description: Packages of the base image besides the package manager and what is essential.
    type: list
    elements: str
    default: [ca-certificates, passwd]
  parallel:
    description: How many images are built at the same time. V(0) means one for each processor.
    type: int
    default: 0
"""

EXAMPLES = r"""
- name: Have the images of all components in the registry
  nextgen.cloud.images:
    registry: registry.aio.test:5000
    registry_user: "registry_{{ lookup('nextgen.cloud.secret', 'site/registry/password', which='slot') }}"
    registry_password: "{{ lookup('nextgen.cloud.secret', 'site/registry/password') }}"
    manifests: "{{ query('nextgen.cloud.manifests', nextgen_state_dir ~ '/manifests', cloud='_site') }}"
"""

RETURN = r"""
images:
  description: One entry for each image, sorted.
  returned: success
  type: list
  elements: dict
  sample:
    - {reference: "registry.aio.test:5000/memcached:1.6.18-1a2b3c4d5e6f", built: true, seconds: 8.1}
base:
  description: The base image; C(built) tells whether it was made in this run.
  returned: when an image was built
  type: dict
  sample: {reference: "registry.aio.test:5000/nextgen-base:bookworm-1a2b3c4d5e6f", built: true, seconds: 12.3}
"""

import os
import time
import typing as t
from concurrent.futures import ThreadPoolExecutor

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.nextgen.cloud.plugins.module_utils._adapters.buildah import Builder
from ansible_collections.nextgen.cloud.plugins.module_utils._adapters.registry import Access, Registry
from ansible_collections.nextgen.cloud.plugins.module_utils._ansible.failure import fail_from_exception
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.errors import CloudError
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.images import (
    BASE_NAME,
    Base,
    Image,
    base,
    difference,
    missing,
    parse,
)


class Work:
    """One run: what is missing is built and pushed, several at a time."""

    def __init__(self, module: AnsibleModule, registry: Registry, foundation: Base):
        self._registry = registry
        self._base = foundation
        self._parallel = module.params["parallel"] or os.cpu_count() or 1
        self._builder = Builder(
            module.params["directory"],
            registry,
            lambda argv, environment: module.run_command(list(argv), environ_update=environment),
        )
        self.seconds: dict[str, float] = {}

    def run(self, images: t.Sequence[Image]) -> dict[str, t.Any]:
        """Build and push all of these. Returns what is to be told about the base."""
        with self._builder.opened(), ThreadPoolExecutor(self._parallel) as pool:
            begin = time.monotonic()
            fresh = not self._registry.has(BASE_NAME, self._base.tag)
            lists = pool.submit(self._builder.refresh)
            if fresh:
                self._builder.bootstrap(self._base)
            else:
                self._builder.pull(self._base)
            told = {"reference": self._name(self._base), "built": fresh, "seconds": round(time.monotonic() - begin, 1)}
            lists.result()
            futures = [pool.submit(self._one, image) for image in images]
            if fresh:
                futures.append(pool.submit(self._builder.push, self._base))
            errors = [future.exception() for future in futures]
        self._fail([error for error in errors if error])
        return told

    def _one(self, image: Image) -> None:
        begin = time.monotonic()
        self._builder.build(image, self._base)
        self._builder.push(image)
        self.seconds[image.reference] = round(time.monotonic() - begin, 1)

    def _name(self, image: Image | Base) -> str:
        return "%s/%s" % (self._registry.address, image.reference)

    @staticmethod
    def _fail(errors: t.Sequence[BaseException]) -> None:
        for error in errors:
            if not isinstance(error, CloudError):
                raise error
        if errors:
            raise CloudError([problem for error in errors for problem in t.cast(CloudError, error).problems])


def present(module: AnsibleModule, registry: Registry, images: t.Sequence[Image]) -> set[str]:
    """What the registry has. In check mode a registry that is not there yet has nothing."""
    try:
        return registry.present(images)
    except CloudError:
        if not module.check_mode:
            raise
        return set()


def ensure(module: AnsibleModule) -> dict[str, t.Any]:
    """Compare, build what is missing, tell."""
    images = parse(module.params["manifests"])
    access = Access(*(module.params["registry_" + name] for name in ("user", "password", "ca")))
    registry = Registry(module.params["registry"], access)
    there = present(module, registry, images)
    wanted = missing(images, there)
    before, after = difference(images, there)
    result: dict[str, t.Any] = {
        "changed": bool(wanted),
        "diff": {"before_header": registry.address, "after_header": registry.address, "before": before, "after": after},
    }
    seconds: dict[str, float] = {}
    if wanted and not module.check_mode:
        work = Work(module, registry, base(module.params["suite"], module.params["packages"]))
        result["base"] = work.run(wanted)
        seconds = work.seconds
    result["images"] = [
        {
            "reference": "%s/%s" % (registry.address, image.reference),
            "built": image in wanted,
            "seconds": seconds.get(image.reference, 0.0),
        }
        for image in images
    ]
    return result


def main() -> None:
    """Entry point."""
    module = AnsibleModule(
        argument_spec={
            "manifests": {"type": "list", "elements": "dict", "required": True},
            "registry": {"type": "str", "required": True},
            "registry_user": {"type": "str", "required": True},
            "registry_password": {"type": "str", "required": True, "no_log": True},
            "registry_ca": {"type": "path", "default": "/etc/nextgen.cloud/pki/ca.pem"},
            "directory": {"type": "path", "default": "/var/lib/containers/nextgen-images"},
            "suite": {"type": "str", "default": "bookworm"},
            "packages": {"type": "list", "elements": "str", "default": ["ca-certificates", "passwd"]},
            "parallel": {"type": "int", "default": 0},
        },
        supports_check_mode=True,
    )
    try:
        module.exit_json(**ensure(module))
    except CloudError as error:
        fail_from_exception(module, error)


if __name__ == "__main__":
    main()
