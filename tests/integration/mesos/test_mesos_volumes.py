# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A persistent volume keeps its content when its task is replaced."""

from __future__ import annotations

import pytest
from mesos_scheduler import Scheduler


@pytest.fixture
def scheduler(mesos_cluster):
    scheduler = Scheduler(mesos_cluster)
    yield scheduler
    scheduler.teardown()


def disk(volume=False):
    resource = {
        "name": "disk",
        "type": "SCALAR",
        "scalar": {"value": 64},
        "allocation_info": {"role": "dev"},
        "reservations": [{"type": "DYNAMIC", "role": "dev", "principal": "dev"}],
    }
    if volume:
        resource["disk"] = {
            "persistence": {"id": "dev.db.0.data", "principal": "dev"},
            "volume": {"container_path": "data", "mode": "RW"},
        }
    return resource


def with_volume(task, scheduler):
    task["resources"].append(disk(volume=True))
    return {"type": "LAUNCH", "launch": {"task_infos": [task]}}


def test_a_volume_survives_the_replacement_of_its_task(mesos_cluster, scheduler):
    offer = scheduler.offer()
    first = scheduler.task(offer, "volume-1", "echo kept > data/file")
    scheduler.accept(
        offer,
        {"type": "RESERVE", "reserve": {"resources": [disk()]}},
        {"type": "CREATE", "create": {"volumes": [disk(volume=True)]}},
        with_volume(first, scheduler),
    )
    scheduler.reached("volume-1", "TASK_FINISHED")

    def has_volume(offer):
        return any("persistence" in resource.get("disk", {}) for resource in offer["resources"])

    offer = scheduler.offer(has_volume)
    second = scheduler.task(offer, "volume-2", "test $(cat data/file) = kept")
    scheduler.accept(offer, with_volume(second, scheduler))
    scheduler.reached("volume-2", "TASK_FINISHED")

    offer = scheduler.offer(has_volume)
    scheduler.accept(
        offer,
        {"type": "DESTROY", "destroy": {"volumes": [disk(volume=True)]}},
        {"type": "UNRESERVE", "unreserve": {"resources": [disk()]}},
        refuse=0.0,
    )
    offer = scheduler.offer(lambda offer: not any(resource.get("reservations") for resource in offer["resources"]))
    scheduler.decline(offer)


def test_a_cloud_cannot_reserve_for_another(mesos_cluster, scheduler):
    offer = scheduler.offer()
    foreign = disk()
    foreign["reservations"] = [{"type": "DYNAMIC", "role": "qa", "principal": "dev"}]
    status, _text = mesos_cluster.api("dev").call("RESERVE_RESOURCES", agent_id=offer["agent_id"], resources=[foreign])
    assert status in (400, 403)
    scheduler.decline(offer)
