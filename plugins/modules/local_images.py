#!/usr/bin/python

# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Have container images on a worker before its tasks need them."""

from __future__ import annotations

DOCUMENTATION = r"""
module: local_images
short_description: Have container images on a worker before tasks need them
version_added: 0.1.0
description:
  - Pulls the images that podman on the node does not have yet, several at the same time.
  - A task pulls a missing image itself; this only takes the time of it out of the task's start.
  - Images that are not named stay as they are.
author:
  - the nextgen.cloud authors (!UNKNOWN)
extends_documentation_fragment:
  - nextgen.cloud.attributes
options:
  images:
    description: Full references of the images, with registry and tag.
    type: list
    elements: str
    required: true
  parallel:
    description: How many images are pulled at the same time.
    type: int
    default: 3
seealso:
  - module: nextgen.cloud.images
"""

EXAMPLES = r"""
- name: Have the images of the cloud's services on the workers
  nextgen.cloud.local_images:
    images: "{{ manifests | selectattr('image', 'defined') | map(attribute='image') | unique | list }}"
"""

RETURN = r"""
pulled:
  description: The images that were pulled, or would be in check mode, sorted.
  returned: success
  type: list
  elements: str
  sample: ["registry.aio.test:5000/memcached:1.6.18-1a2b3c4d5e6f"]
"""

import typing as t
from concurrent.futures import ThreadPoolExecutor

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.nextgen.cloud.plugins.module_utils._ansible.failure import fail_from_exception
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.errors import CloudError, Problem
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.images import tail


def present(module: AnsibleModule) -> set[str]:
    """References of all images on the node; none in check mode if podman is not there yet."""
    code, out, _err = module.run_command(
        ["podman", "images", "--format", "{{.Repository}}:{{.Tag}}"], check_rc=not module.check_mode
    )
    return set(out.split()) if code == 0 else set()


def pull(module: AnsibleModule, reference: str) -> list[Problem]:
    """Pull one image; returns what went wrong."""
    code, out, err = module.run_command(["podman", "pull", "--quiet", reference])
    return [Problem("NXC-IMAGE-0007", {"reference": reference, "reason": tail(out + err, 5)})] if code else []


def ensure(module: AnsibleModule) -> dict[str, t.Any]:
    """Compare, pull what is missing, tell."""
    wanted = sorted(set(module.params["images"]))
    there = present(module)
    missing = [reference for reference in wanted if reference not in there]
    if not module.check_mode:
        with ThreadPoolExecutor(max(1, module.params["parallel"])) as pool:
            problems = [problem for found in pool.map(lambda item: pull(module, item), missing) for problem in found]
        if problems:
            raise CloudError(problems)
    before = "".join("%s\n" % reference for reference in wanted if reference in there)
    return {
        "changed": bool(missing),
        "pulled": missing,
        "diff": {"before": before, "after": "".join("%s\n" % reference for reference in wanted)},
    }


def main() -> None:
    """Entry point."""
    module = AnsibleModule(
        argument_spec={
            "images": {"type": "list", "elements": "str", "required": True},
            "parallel": {"type": "int", "default": 3},
        },
        supports_check_mode=True,
    )
    try:
        module.exit_json(**ensure(module))
    except CloudError as error:
        fail_from_exception(module, error)


if __name__ == "__main__":
    main()
