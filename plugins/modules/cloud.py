#!/usr/bin/python

# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: cloud
short_description: Bring a cloud to what its manifests say
version_added: 0.1.0
description:
  - Observes one cloud on its Mesos cluster, plans what is to be done and does it.
    Services and jobs start in the order of their dependencies, each when what it requires is healthy.
  - Registers one framework per cloud, which stays registered while nobody is connected. Tasks go on.
  - A call for a cloud that is as it should be only reads.
  - It stops where a next step needs a route at the edge, see RV(settled). Then apply the edge and call again.
author:
  - The nextgen.cloud authors (@nextgen-cloud)
extends_documentation_fragment:
  - nextgen.cloud.attributes
requirements:
  - kazoo (Debian python3-kazoo) on the node that runs the module
options:
  name:
    description: Name of the cloud. Also the name of its framework and its role in Mesos.
    type: str
    required: true
  state:
    description:
      - V(present) brings the cloud to O(manifests).
      - V(absent) ends its tasks and framework, destroys its volumes with their data, and removes its quota and records.
    type: str
    choices: [present, absent]
    default: present
  site:
    description: Name of the site.
    type: str
    required: true
  manifests:
    description: All manifests of this cloud. Needed for O(state=present).
    type: list
    elements: dict
  revisions:
    description:
      - Which value of each secret and certificate counts, as something that changes with the value and tells nothing
        of it. Keys are C(secret:<component>/<name>), C(certificate:<component>/<name>) and C(trust).
      - A job that uses one with a new revision runs again, a service that uses it is replaced as its C(update) says.
        Files with C(rotation=ignore) do not count.
      - What has no revision here counts as unchanged.
    type: dict
    default: {}
  masters:
    description: The Mesos masters as C(host:port). The leader is found from any of them.
    type: list
    elements: str
    required: true
  principal:
    description: The principal of the cloud. Registers the framework, runs tasks and makes volumes.
    type: str
    required: true
  secret:
    description: The secret of O(principal).
    type: str
    required: true
  operator_principal:
    description: The principal that reads the state of the cluster and sets quota.
    type: str
    default: operator
  operator_secret:
    description: The secret of O(operator_principal).
    type: str
    required: true
  zookeeper:
    description: ZooKeeper connect string, C(host:port,host:port).
    type: str
    required: true
  zookeeper_user:
    description:
      - Who to log in to ZooKeeper as. The records of the cloud are then made for this user alone.
    type: str
    default: nextgen
  zookeeper_secret:
    description:
      - The secret of O(zookeeper_user). Without it nobody logs in, which a site's ZooKeeper refuses.
    type: str
  routed:
    description:
      - Ids of the tasks that the edge routes to, as RV(nextgen.cloud.edge#module:routed) tells.
      - Without it the edge counts as not asked yet, and no task that it may route to is ended as one too many.
    type: list
    elements: str
  timeout:
    description: Seconds after which the call gives up waiting and tells what it waits for.
    type: int
    default: 600
  lock_timeout:
    description: Seconds to wait while another call works on the same cloud.
    type: int
    default: 20
  run_dir:
    description:
      - Directory on the node for the last snapshot and plan, and a journal of all writes.
      - By default C(/var/lib/nextgen.cloud/runs/) and the name of the cloud.
    type: path
"""

EXAMPLES = r"""
- name: Deploy the cloud dev
  nextgen.cloud.cloud:
    name: dev
    site: aio
    manifests: "{{ manifests }}"
    revisions: {"secret:keystone/database_password": 5f0c3d21a9be, "certificate:mariadb/server": "2"}
    masters: [10.77.0.10:5050]
    zookeeper: 127.0.0.1:2181
    zookeeper_secret: "{{ lookup('nextgen.cloud.secret', 'site/zookeeper/nextgen') }}"
    principal: dev
    secret: "{{ lookup('nextgen.cloud.secret', 'mesos/principals/dev') }}"
    operator_secret: "{{ lookup('nextgen.cloud.secret', 'mesos/principals/operator') }}"
    routed: "{{ routed }}"
  register: cloud

- name: Take the cloud dev away, with its data
  nextgen.cloud.cloud:
    name: dev
    state: absent
    site: aio
    masters: [10.77.0.10:5050]
    zookeeper: 127.0.0.1:2181
    zookeeper_secret: "{{ lookup('nextgen.cloud.secret', 'site/zookeeper/nextgen') }}"
    principal: dev
    secret: "{{ lookup('nextgen.cloud.secret', 'mesos/principals/dev') }}"
    operator_secret: "{{ lookup('nextgen.cloud.secret', 'mesos/principals/operator') }}"
"""

RETURN = r"""
plan:
  description: What is left to do, in order. In check mode all that would be done.
  returned: success
  type: list
  elements: dict
  contains:
    seq: {description: Number in the plan., type: int, returned: success}
    verb: {description: What is done., type: str, returned: success}
    kind: {description: To what kind of thing., type: str, returned: success}
    target: {description: To which one., type: str, returned: success}
    summary: {description: One line for people., type: str, returned: success}
    risk: {description: "One of V(low), V(medium), V(high).", type: str, returned: success}
    after: {description: Numbers of mutations that come first., type: list, elements: int, returned: success}
    waits: {description: What has to come true first., type: list, elements: str, returned: success}
    precondition: {description: Digest of what the mutation follows from., type: str, returned: success}
    irreversible: {description: "Why it cannot be undone, empty if it can.", type: str, returned: success}
done:
  description: What was written, in the same form as RV(plan).
  returned: success
  type: list
  elements: dict
settled:
  description: Whether nothing is left. If not, call again when the edge has routed RV(instances).
  returned: success
  type: bool
instances:
  description: What the edge shall route to, one entry per port of each healthy task.
  returned: success
  type: list
  elements: dict
  contains:
    task: {description: Id of the task., type: str, returned: success}
    service: {description: Name of the service., type: str, returned: success}
    port: {description: Name of the port., type: str, returned: success}
    address: {description: Address of the worker., type: str, returned: success}
    host_port: {description: Port on the worker., type: int, returned: success}
conditions:
  description: What deserves a look, each with type, status, reason, message and since.
  returned: success
  type: list
  elements: dict
api_calls:
  description: Number of requests made, by V(mesos) and V(zookeeper).
  returned: success
  type: dict
"""

import os
from dataclasses import asdict
from typing import Any

from ansible.module_utils.basic import AnsibleModule, missing_required_lib
from ansible_collections.nextgen.cloud.plugins.module_utils._adapters.mesos.http import Credential
from ansible_collections.nextgen.cloud.plugins.module_utils._adapters.mesos.run import CloudRun, Outcome, Settings
from ansible_collections.nextgen.cloud.plugins.module_utils._adapters.zookeeper import KAZOO_ERROR
from ansible_collections.nextgen.cloud.plugins.module_utils._ansible.failure import fail_from_exception
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.errors import CloudError
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.operator.mutation import Mutation

_RUNS = "/var/lib/nextgen.cloud/runs"
_SHOWN = ("seq", "verb", "kind", "target", "summary", "risk", "precondition", "irreversible")


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "name": {"type": "str", "required": True},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "site": {"type": "str", "required": True},
            "manifests": {"type": "list", "elements": "dict"},
            "revisions": {"type": "dict", "default": {}, "no_log": False},
            "masters": {"type": "list", "elements": "str", "required": True},
            "principal": {"type": "str", "required": True},
            "secret": {"type": "str", "required": True, "no_log": True},
            "operator_principal": {"type": "str", "default": "operator"},
            "operator_secret": {"type": "str", "required": True, "no_log": True},
            "zookeeper": {"type": "str", "required": True},
            "zookeeper_user": {"type": "str", "default": "nextgen"},
            "zookeeper_secret": {"type": "str", "no_log": True},
            "routed": {"type": "list", "elements": "str"},
            "timeout": {"type": "int", "default": 600},
            "lock_timeout": {"type": "int", "default": 20},
            "run_dir": {"type": "path"},
        },
        required_if=[("state", "present", ["manifests"])],
        supports_check_mode=True,
    )
    if KAZOO_ERROR:
        module.fail_json(msg=missing_required_lib("kazoo"), exception=KAZOO_ERROR)
    params = module.params
    present = params["state"] == "present"
    try:
        run = CloudRun(_settings(module), params["manifests"] if present else None, params["routed"])
        outcome = run.run()
    except CloudError as error:
        fail_from_exception(module, error)
    module.exit_json(**_result(outcome, module.check_mode))


def _settings(module: AnsibleModule) -> Settings:
    params = module.params
    return Settings(
        site=params["site"],
        cloud=params["name"],
        masters=params["masters"],
        zookeeper=params["zookeeper"],
        login=(params["zookeeper_user"], params["zookeeper_secret"]) if params["zookeeper_secret"] else None,
        cloud_credential=Credential(params["principal"], params["secret"]),
        operator_credential=Credential(params["operator_principal"], params["operator_secret"]),
        run_dir=params["run_dir"] or os.path.join(_RUNS, params["name"]),
        timeout=params["timeout"],
        lock_wait=params["lock_timeout"],
        revisions=params["revisions"],
        check=module.check_mode,
    )


def _result(outcome: Outcome, check: bool) -> dict[str, Any]:
    changed = bool(outcome.plan.mutations) if check else bool(outcome.done)
    done = "".join("    %s\n" % mutation.line for mutation in outcome.done)
    return {
        "changed": changed,
        "plan": [_shown(mutation) for mutation in outcome.plan.mutations],
        "done": [_shown(mutation) for mutation in outcome.done],
        "settled": outcome.settled,
        "instances": [dict(each) for each in outcome.plan.instances],
        "conditions": [asdict(each) for each in outcome.conditions],
        "api_calls": dict(outcome.calls),
        "diff": {"prepared": done + outcome.plan.text},
    }


def _shown(mutation: Mutation) -> dict[str, Any]:
    """A mutation without its body, which may be long and is in the run directory."""
    shown: dict[str, Any] = {key: getattr(mutation, key) for key in _SHOWN}
    return dict(shown, after=list(mutation.after), waits=[wait.text for wait in mutation.waits])


if __name__ == "__main__":
    main()
