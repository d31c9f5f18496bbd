# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operator of a cloud against a real master, agent and ZooKeeper."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.errors import CloudError
from cloud_site import Site, alive, job, route, service, top


def lines(outcome):
    return [mutation.line for mutation in outcome.done]


def stack(open_path, **keystone):
    """A database with a volume, a job on it, a service on both."""
    mark = open_path / "ran"
    return [
        top(),
        service("mariadb", volumes=[{"name": "data", "path": "/data", "size": 32}]),
        job("keystone-database", ["/bin/sh", "-c", "echo run >> %s" % mark], requires=["mariadb"]),
        service("keystone", requires=["keystone-database"], **{"update": "surge", **keystone}),
        route("keystone"),
    ]


def test_first_deploy_in_order_second_reads_only(site, open_path):
    manifests = stack(open_path)
    checked = site.deploy(manifests, check=True)
    assert [each.verb for each in checked.plan.mutations] == ["set", "register", "launch", "run", "launch"]
    assert not site.state().get("get_frameworks", {}).get("frameworks")

    first = site.deploy(manifests)
    assert first.settled
    assert [each.split()[1:3] for each in lines(first)] == [
        ["quota", "cpus"],
        ["register", "framework"],
        ["launch", "service"],
        ["run", "job"],
        ["record", "job"],
        ["launch", "service"],
    ]
    assert (open_path / "ran").read_text() == "run\n"
    (instance,) = [each for each in first.plan.instances if each["service"] == "keystone"]
    url = "http://%s:%d/" % (instance["address"], instance["host_port"])
    assert urllib.request.urlopen(url, timeout=5).read().decode() == instance["task"]
    assert 20100 <= instance["host_port"] <= 20199

    second = site.deploy(manifests)
    assert second.settled and not second.done and not second.plan.mutations
    assert second.plan.instances == first.plan.instances
    assert second.calls["mesos"] == 3, "a converged cloud is only read"
    (framework,) = site.state()["get_frameworks"]["frameworks"]
    assert not framework["active"] and not framework["connected"]


def test_killed_task_heals_and_the_volume_survives(site, open_path):
    manifests = stack(open_path)
    site.settle(manifests)
    before = site.tasks()
    for name in ("mariadb", "keystone"):
        for pid in alive(before[name][0]):
            os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + 5
    while site.tasks() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not site.tasks()
    site.settle(manifests)
    after = site.tasks()
    assert set(after) == {"mariadb", "keystone"}
    assert after["mariadb"] != before["mariadb"]
    # Written by the first, read by the second: the same directory.
    runs = "agent0/work/slaves/*/frameworks/*/executors/%s/runs/latest" % after["mariadb"][0]
    (sandbox,) = Path(site.cluster.base).glob(runs)
    assert (sandbox / "data" / "starts").read_text().split() == before["mariadb"] + after["mariadb"]
    assert (open_path / "ran").read_text() == "run\n", "a recorded job is not run again"


def test_surge_waits_for_the_edge(site, open_path):
    site.settle(stack(open_path))
    (old,) = site.tasks()["keystone"]
    changed = stack(open_path, environment={"NEW": "1"})
    outcome = site.deploy(changed, routed=[old])
    assert not outcome.settled
    new = [each["task"] for each in outcome.plan.instances if each["service"] == "keystone"]
    assert len(new) == 1 and new != [old], "the edge shall route to the new one only"
    assert sorted(site.tasks()["keystone"]) == sorted([old] + new), "the old one stays until then"
    outcome = site.deploy(changed, routed=new)
    assert outcome.settled and len(outcome.done) == 1
    assert site.tasks()["keystone"] == new


def test_rotation_runs_jobs_again_and_replaces_who_uses_it(site, open_path):
    """In the order of a deploy, with surge, and nobody else; an ignored file is the job's affair alone."""

    def uses(token, **more):
        return {"files": [{"path": "/f", "mode": "0400", "content": token, **more}]}

    ran = ["/bin/sh", "-c", "echo run >> %s" % (open_path / "ran")]
    manifests = [
        top(),
        service("mariadb", **uses("@secret:mariadb/root@", rotation="ignore")),
        job("accounts", ran, requires=["mariadb"], **uses("@secret:mariadb/root@ @secret:keystone/password@")),
        service("keystone", requires=["accounts"], update="surge", **uses("@secret:keystone/password.slot@")),
        service("memcached", **uses("@secret:memcached/password@ @trust@")),
        route("keystone"),
    ]
    revisions = {
        "secret:mariadb/root": "a1",
        "secret:keystone/password": "b1",
        "secret:memcached/password": "c1",
        "trust": "1",
    }
    routed = site.settle(manifests, revisions=revisions)
    before = site.tasks()
    assert not site.deploy(manifests, routed=routed, revisions=revisions).done, "a second run does nothing"

    rotated = {**revisions, "secret:keystone/password": "b2"}
    first = site.deploy(manifests, routed=routed, revisions=rotated)
    assert [each.verb for each in first.done] == ["run", "record", "launch"] and not first.settled
    assert all("new revision of secret keystone/password" in line for line in lines(first)[::2]), lines(first)
    assert before["keystone"][0] in site.tasks()["keystone"], "the old one serves until the edge has the new one"
    assert (open_path / "ran").read_text() == "run\nrun\n"
    routed = site.settle(manifests, revisions=rotated)
    after = site.tasks()
    assert {name for name in before if after[name] != before[name]} == {"keystone"} and len(after["keystone"]) == 1
    assert not site.deploy(manifests, routed=routed, revisions=rotated).done

    rotated = {**rotated, "secret:mariadb/root": "a2"}
    ignored = site.deploy(manifests, routed=routed, revisions=rotated)
    assert ignored.settled and [each.verb for each in ignored.done] == ["run", "record"] and site.tasks() == after
    trusted = site.deploy(manifests, routed=routed, revisions={**rotated, "trust": "2"})
    assert trusted.settled and {each.target.split(".")[1] for each in trusted.done if each.verb == "kill"} == {
        "memcached"
    }


def test_recreate_and_a_surge_that_does_not_fit(site):
    manifests = [top(cpus=0.2), service("one"), service("two", update="surge")]
    site.settle(manifests)
    before = site.tasks()
    changed = [top(cpus=0.2), service("one", user="a"), service("two", update="surge", user="a")]
    outcome = site.deploy(changed)
    assert outcome.settled
    assert "SurgeFellBack" in site_conditions(site, manifests)
    after = site.tasks()
    assert all(len(after[name]) == 1 and after[name] != before[name] for name in ("one", "two"))
    assert lines(outcome)[0].startswith("- kill")


def site_conditions(site, manifests):
    return {each.type for each in site.deploy(manifests, check=True).conditions}


def test_scaling_and_a_removed_service(site):
    site.settle([top(), service("one", instances=1), service("two")])
    (first,) = site.tasks()["one"]
    site.settle([top(), service("one", instances=3), service("two")])
    assert len(site.tasks()["one"]) == 3 and first in site.tasks()["one"]
    site.settle([top(), service("one", instances=1)])
    assert site.tasks() == {"one": [first]}, "the newest go first; nobody wants two"


def test_failed_job_tells_its_output_and_is_run_again(site, open_path):
    wrong = job("prepare", ["/bin/sh", "-c", "echo no such table >&2; exit 3"])
    manifests = [top(), wrong, service("one", requires=["prepare"])]
    with pytest.raises(CloudError) as caught:
        site.deploy(manifests)
    assert "NXC-PLAN-0006" in str(caught.value) and "no such table" in str(caught.value)
    assert not site.tasks()
    with pytest.raises(CloudError):
        site.deploy(manifests)
    assert site.deploy([top(), job("prepare", ["/bin/true"]), manifests[2]]).settled


def test_a_service_that_does_not_stay_up(site):
    broken = service("one", command=["/bin/sh", "-c", "echo bad configuration >&2; exit 1"])
    with pytest.raises(CloudError) as caught:
        site.deploy([top(), broken])
    assert "NXC-PLAN-0007" in str(caught.value) and "bad configuration" in str(caught.value)


def test_timeout_says_what_it_waits_for(site):
    silent = service("one", command=["/bin/sleep", "100"])
    with pytest.raises(CloudError) as caught:
        site.deploy([top(), silent], timeout=1.5)
    text = str(caught.value)
    assert "NXC-PLAN-0008" in text and "dev.one." in text and "healthy: " in text


@pytest.mark.parametrize("delay", [0.3, 0.45, 0.6, 0.75, 0.9, 1.05, 1.2])
def test_cut_off_anywhere_the_next_call_completes(site, open_path, delay):
    manifests = stack(open_path)
    process = site.start(manifests)
    time.sleep(delay)
    process.kill()
    process.wait()
    process.stdout.close()
    site.settle(manifests)
    assert {name: len(tasks) for name, tasks in site.tasks().items()} == {"mariadb": 1, "keystone": 1}
    assert not site.deploy(manifests).done
    assert len(site.state()["get_frameworks"]["frameworks"]) == 1


def test_second_caller_is_refused_with_the_name_of_the_first(site):
    silent = [top(), service("one", command=["/bin/sleep", "100"])]
    process = site.start(silent)
    try:
        deadline = time.monotonic() + 10
        while not site.tasks() and time.monotonic() < deadline:
            time.sleep(0.05)
        with pytest.raises(CloudError) as caught:
            site.deploy(silent, lock_wait=0.5)
        assert "NXC-PLAN-0009" in str(caught.value) and "process %d" % process.pid in str(caught.value)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def test_absent_leaves_nothing_of_its_own_and_all_of_others(site, open_path):
    other = [top("qa", ports=(20200, 20399)), service("web", "qa")]
    site.settle(other, "qa")
    site.settle(stack(open_path))
    before = site.tasks("qa")
    gone = site.deploy(None)
    assert gone.settled and gone.done
    assert site.tasks("qa") == before and not site.tasks()
    state = site.state()
    assert [each["framework_info"]["name"] for each in state["get_frameworks"]["frameworks"]] == ["qa"]
    assert "dev" not in str(state["get_agents"]), "no reservation, no volume"
    quota = site.cluster.api().call("GET_QUOTA")[1]["get_quota"]["status"]["configs"]
    assert [each["role"] for each in quota if each.get("limits")] == ["qa"]
    assert not alive("dev.")
    again = site.deploy(None)
    assert again.settled and not again.done
    assert not site.deploy(other, "qa").done


def test_two_clouds_at_once_keep_to_their_quota(site):
    clouds = {
        "dev": [top("dev", cpus=0.5), service("web", instances=4)],
        "qa": [top("qa", cpus=0.5, ports=(20200, 20399)), service("web", "qa", instances=4)],
    }
    processes = [site.start(manifests, cloud) for cloud, manifests in clouds.items()]
    assert [process.wait(30) for process in processes] == [0, 0]
    for process in processes:
        process.stdout.close()
    for cloud, manifests in clouds.items():
        assert len(site.tasks(cloud)["web"]) == 4
        assert not site.deploy(manifests, cloud).done
    with pytest.raises(CloudError) as caught:
        site.deploy([top("dev", cpus=0.5), service("web", instances=6)])
    assert "NXC-PLAN-0005" in str(caught.value)


def test_wrong_principal_is_refused(site):
    manifests = [top(), service("one")]
    with pytest.raises(CloudError) as caught:
        site.deploy(manifests, operator_secret="wrong")
    assert "NXC-PLAN-0011" in str(caught.value)
    with pytest.raises(CloudError) as caught:
        site.deploy(manifests, secret="wrong")
    assert "NXC-PLAN-0011" in str(caught.value)


def test_torn_down_behind_our_back(site):
    manifests = [top(), service("one")]
    site.settle(manifests)
    (framework,) = site.state()["get_frameworks"]["frameworks"]
    site.cluster.api().call("TEARDOWN", framework_id=framework["framework_info"]["id"])
    site.settle(manifests)
    assert len(site.tasks()["one"]) == 1


def ansible(site, *calls, cloud="qa"):
    """The module through Ansible, once per (state, manifests, check mode[, revisions]); the results."""
    tasks = []
    for number, (state, manifests, check, *revisions) in enumerate(calls):
        arguments = {
            "name": cloud,
            "site": "test",
            "state": state,
            "manifests": manifests,
            "masters": [site.cluster.master],
            "zookeeper": site.zookeeper,
            "principal": cloud,
            "secret": site.cluster.principals[cloud],
            "operator_secret": site.cluster.principals["operator"],
            "run_dir": str(site.directory / "runs"),
        }
        if revisions:
            (arguments["revisions"],) = revisions
        call = {"nextgen.cloud.cloud": arguments, "register": "done%d" % number}
        tasks.append({**call, "ignore_errors": True, "check_mode": check, "diff": True})
    result = site.directory / "result.json"
    every = "{{ [%s] | to_json }}" % ", ".join("done%d" % number for number in range(len(calls)))
    tasks.append({"ansible.builtin.copy": {"content": every, "dest": str(result), "mode": "0600"}})
    playbook = site.directory / "play.json"
    playbook.write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": tasks}]))
    command = [str(Path(sys.executable).with_name("ansible-playbook")), "-i", "localhost,", "-c", "local", "-vv"]
    command += ["-e", json.dumps({"ansible_python_interpreter": sys.executable}), str(playbook)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    told = done.stdout + done.stderr + result.read_text()
    assert not [secret for secret in site.cluster.principals.values() if secret in told]
    return json.loads(result.read_text())


def test_the_module(site):
    manifests = [top("qa", ports=(20200, 20399))]
    plan, first, second, wrong, gone, again = ansible(
        site,
        ("present", [*manifests, service("web", "qa")], True),
        ("present", manifests, False),
        ("present", manifests, False),
        ("present", [service("web", "qa")], False),
        ("absent", [], False),
        ("absent", [], False),
    )
    assert plan["changed"] and [each["verb"] for each in plan["plan"]] == ["set", "register", "launch"]
    assert "+ launch service web on node0 (api:20" in plan["diff"]["prepared"]
    assert first["changed"] and first["settled"] and [each["verb"] for each in first["done"]] == ["set", "register"]
    assert not second["changed"] and second["api_calls"]["mesos"] == 3
    assert wrong["failed"] and wrong["problems"][0]["code"] == "NXC-PLAN-0002"
    assert gone["changed"] and not again["changed"]


def test_the_module_takes_revisions(site):
    uses = {"files": [{"path": "/f", "mode": "0444", "content": "@trust@"}]}
    manifests = [top("qa", ports=(20200, 20399)), service("web", "qa", **uses)]
    site.settle(manifests, "qa", revisions={"trust": "1"})
    same, other = ansible(
        site, ("present", manifests, True, {"trust": "1"}), ("present", manifests, True, {"trust": 2})
    )
    assert not same["changed"] and not same["plan"]
    assert [each["verb"] for each in other["plan"]] == ["kill", "launch"]
    assert other["plan"][1]["summary"].endswith(": new revision of trust")


def test_elected_masters(mesos_factory, zookeeper_server, open_path):
    """Any master leads to the leader; when that one is killed, the cloud is found again as it was."""
    cluster = mesos_factory(zookeeper=zookeeper_server.address, masters=3).start()
    site = Site(cluster, zookeeper_server.address, open_path)
    manifests = [top(), service("one")]
    leader = cluster.leader()
    follower = cluster.addresses[(leader + 1) % 3]
    try:
        first = site.deploy(manifests, masters=[follower])
        assert first.settled and first.done
        cluster.masters[leader].kill()
        second = site.deploy(manifests, masters=cluster.addresses, timeout=60.0)
        assert second.settled and not second.done and second.plan.instances == first.plan.instances
    finally:
        site.deploy(None, masters=cluster.addresses)
