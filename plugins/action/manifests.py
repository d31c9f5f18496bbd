# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Render the components of a site's clouds to manifests. Documented in ``plugins/modules/manifests.py``."""

from __future__ import annotations

import json
import typing as t

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.component.files import (
    Change,
    as_files,
    certificate_declarations,
    changes,
    counts,
    secret_declarations,
)
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.component.hydrate import hydrate
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.errors import CloudError
from ansible_collections.nextgen.cloud.plugins.plugin_utils.component_files import SiteFile, read_catalogues
from ansible_collections.nextgen.cloud.plugins.plugin_utils.manifest_files import ManifestDirectory
from ansible_collections.nextgen.cloud.plugins.plugin_utils.templates import JinjaRenderer


class ActionModule(ActionBase):
    """Render everything, compare with what is there, write unless it is a check."""

    TRANSFERS_FILES = False
    _requires_connection = False
    _supports_check_mode = True

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        """Options in, result out."""
        result = super().run(tmp, task_vars)
        _validation, params = self.validate_argument_spec(
            argument_spec={
                "site": {"type": "dict", "required": True},
                "path": {"type": "path", "required": True},
                "catalogues": {"type": "list", "elements": "path", "required": True},
            }
        )
        try:
            return {**result, **apply(_plain(params), self._task.check_mode)}
        except CloudError as error:
            problems = [problem.as_dict() for problem in error.problems]
            raise AnsibleActionFail(str(error), result={**result, "problems": problems}) from error


def apply(params: dict[str, t.Any], check_mode: bool) -> dict[str, t.Any]:
    """The work of one call; ``params`` are plain data as the options say."""
    site = params["site"]
    locate = SiteFile(site.get("path") or "site.yml").locate
    manifests = hydrate(site, read_catalogues(params["catalogues"]), JinjaRenderer(), locate)
    directory = ManifestDirectory(params["path"])
    wanted, present = as_files(manifests), directory.texts()
    todo = changes(directory.path, wanted, present, directory.ours(present, sorted(set(present) - set(wanted))))
    if todo and not check_mode:
        directory.apply(todo)
    return {
        "changed": bool(todo),
        "diff": [_diff(change) for change in todo],
        "files": [change.path for change in todo],
        "clouds": counts(manifests),
        "secrets": secret_declarations(manifests),
        "certificates": certificate_declarations(manifests),
    }


def _plain(value: t.Any) -> t.Any:
    """Without Ansible's tags and lazy containers: inner code gets str, int, list, dict and nothing else."""
    return json.loads(json.dumps(value))


def _diff(change: Change) -> dict[str, str]:
    absent = "%s (absent)" % change.path
    return {
        "before_header": absent if change.before is None else change.path,
        "after_header": absent if change.after is None else change.path,
        "before": change.before or "",
        "after": change.after or "",
    }
