# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module side of the rim: errors of inner code become ``fail_json``."""

from __future__ import annotations

import typing as t

from ansible_collections.nextgen.cloud.plugins.module_utils._domain.errors import CloudError

if t.TYPE_CHECKING:
    from ansible.module_utils.basic import AnsibleModule


def fail_from_exception(module: AnsibleModule, error: CloudError, **extra: t.Any) -> t.NoReturn:
    """End the module with the error's text and ``problems``, a list of JSON-ready findings."""
    module.fail_json(
        msg=str(error),
        problems=[problem.as_dict() for problem in error.problems],
        **extra,
    )
