# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Error codes of the area 'plan': what the operator of a cloud refuses or gives up on."""

from __future__ import annotations

from .entry import Entry

ERRORS: dict[str, Entry] = {
    "NXC-PLAN-0001": Entry(
        "the manifest {manifest} cannot be used for cloud {cloud}: {problem}",
        "Hydrate the cloud again; manifests are not meant to be edited by hand.",
    ),
    "NXC-PLAN-0002": Entry(
        "cloud {cloud} needs exactly one manifest of kind cloud, got {count}",
        "Hydrate the cloud again and pass all of its manifests in one call.",
    ),
    "NXC-PLAN-0003": Entry(
        "{kind} {name} requires {missing}, which cloud {cloud} does not have",
        "Put the component that brings it into the cloud, or take the requirement out of the component.",
    ),
    "NXC-PLAN-0004": Entry(
        "services and jobs of cloud {cloud} require each other in a circle: {chain}",
        "Take one of these requirements out of its component.",
    ),
    "NXC-PLAN-0005": Entry(
        "the quota of cloud {cloud} cannot hold what it shall run: {resource} {needed:g} needed, {limit:g} allowed",
        "Raise the quota in site.yml or take components or instances out of the cloud.",
    ),
    "NXC-PLAN-0006": Entry(
        "job {name} of cloud {cloud} ended as {state} (task {task}): {message}{output}",
        "Correct what the output says and deploy again; the job is then run again.",
        retryable=True,
    ),
    "NXC-PLAN-0007": Entry(
        "service {name} of cloud {cloud} does not stay up, {count} tasks ended in this run; "
        "the last is {task}, {state}: {message}{output}",
        "Correct what the output says and deploy again.",
        retryable=True,
    ),
    "NXC-PLAN-0008": Entry(
        "cloud {cloud} did not get where it should be within {timeout:g} s; waiting for: {waits}",
        "Look at the output of the tasks named here on their worker, then deploy again; what is done stays done.",
        retryable=True,
    ),
    "NXC-PLAN-0009": Entry(
        "cloud {cloud} is being worked on by {holder}",
        "Wait until that run has ended and call again.",
        retryable=True,
    ),
    "NXC-PLAN-0010": Entry(
        "no leading Mesos master answers at {masters}: {problem}",
        "See that mesos-master runs on the control nodes and that a leader is elected, then call again.",
        retryable=True,
    ),
    "NXC-PLAN-0011": Entry(
        "the Mesos master does not accept principal {principal} for {call}: {problem}",
        "Compare the credentials and ACLs of the master with the secrets of the site; the role mesos_master sets both.",
    ),
    "NXC-PLAN-0012": Entry(
        "the Mesos master refused {call}: HTTP {status} {problem}",
        "The answer names the reason; correct it in site.yml and deploy again.",
    ),
    "NXC-PLAN-0013": Entry(
        "the Mesos master refused the framework of cloud {cloud}: {problem}",
        "Compare the principal and the ACLs of the master with the cloud's name.",
    ),
    "NXC-PLAN-0014": Entry(
        "ZooKeeper does not answer at {servers}: {problem}",
        "See that ZooKeeper runs on the control nodes, then call again.",
        retryable=True,
    ),
    "NXC-PLAN-0015": Entry(
        "job {name} of cloud {cloud} did not end within its {timeout:g} s (task {task}){output}",
        "Correct what the output says or raise the job's timeout in its component, then deploy again.",
        retryable=True,
    ),
    "NXC-PLAN-0016": Entry(
        "another scheduler took over the framework of cloud {cloud}",
        "Only one run per cloud may be connected; find out who else uses its principal.",
        retryable=True,
    ),
    "NXC-PLAN-0017": Entry(
        "ZooKeeper does not let {user} at the records of cloud {cloud}",
        "Run the playbook nextgen.cloud.install: it gives the records to the site's present secret. If you call the "
        "module yourself, see that zookeeper_user and zookeeper_secret are those of the site.",
    ),
    "NXC-PLAN-0018": Entry(
        "cloud {cloud} is given a revision of '{name}', which is nothing that has one",
        "Write secret:<component>/<name>, certificate:<component>/<name> or trust.",
    ),
}
