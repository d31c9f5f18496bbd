# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plans are shown before they are done, a second run does nothing, and a cloud goes without a trace."""

from __future__ import annotations

from .mesos_view import call, frameworks, running_tasks
from .site_under_test import SiteUnderTest
from .test_1_clouds import keystone_loop
from .test_2_healing import container_pid, tasks_of, wait_until
from .zookeeper_view import zookeeper_tree


def test_second_deploy_changes_nothing(site):
    result = site.playbook("deploy")
    assert (result.rc, result.total("changed")) == (0, 0), result.output


def test_tasks_run_without_a_scheduler(site):
    answer = call(site, {"type": "GET_FRAMEWORKS"})["get_frameworks"]
    connected = {each["framework_info"]["name"]: each.get("connected", False) for each in answer["frameworks"]}
    assert connected == dict.fromkeys(site.spec["clouds"], False)
    assert len(running_tasks(site)) == len(site.wanted_tasks())


def test_status_tells_what_runs_and_changes_nothing(site):
    result = site.playbook("status")
    assert (result.rc, result.total("changed")) == (0, 0), result.output
    for task in running_tasks(site):
        assert task["id"] in result.output


def test_check_mode_shows_the_plan_and_does_nothing(site):
    [worker] = site.group("worker")
    before = tasks_of(site, "dev")
    site.run(worker, "kill", "-9", container_pid(site, worker, before["memcached"]))
    wait_until(lambda: "memcached" not in tasks_of(site, "dev"), 30, "master knows of the death")
    shown = site.playbook("deploy", "--check", "--diff")
    assert shown.rc == 0, shown.output
    assert shown.total("changed") > 0 and "memcached" in shown.output
    assert "memcached" not in tasks_of(site, "dev")
    assert site.playbook("deploy").rc == 0
    shown = site.playbook("deploy", "--check", "--diff")
    assert (shown.rc, shown.total("changed")) == (0, 0), shown.output


def test_check_of_a_site_that_is_not_there_yet_says_what_would_be(site, tmp_path):
    text = site.site_file.read_text()
    named = text.replace("site: %s" % site.spec["site"], "site: notyet")
    (tmp_path / "site.yml").write_text(named.replace(site.spec["driver"]["subnet"], "10.79.0.0/24"))
    other = SiteUnderTest(site.root, tmp_path / "site.yml", tmp_path / "access")
    shown = other.playbook("site", "--check", "--diff")
    assert shown.rc == 0 and shown.total("unreachable") == 0, shown.output
    assert "nextgen-notyet" in shown.output
    assert sorted(path.name for path in tmp_path.iterdir()) == ["site.yml"]


def test_destroyed_cloud_leaves_nothing_and_the_other_does_not_notice(site):
    [worker] = site.group("worker")
    [edge] = site.group("edge")
    others = tasks_of(site, "qa")
    uid = site.run(worker, "id", "-u", "nextgen-dev").strip()
    with keystone_loop(site, "qa") as loop:
        result = site.playbook("destroy_cloud", "-e", "destroy_cloud_name=dev")
        assert result.rc == 0, result.output
        again = site.playbook("destroy_cloud", "-e", "destroy_cloud_name=dev")
    assert (again.rc, again.total("changed")) == (0, 0), again.output
    assert loop.failures == [] and loop.answered > 20
    assert tasks_of(site, "qa") == others

    left = set(site.spec["clouds"]) - {"dev"}
    assert {task["cloud"] for task in running_tasks(site)} == left
    assert {framework["name"] for framework in frameworks(site)} == left
    roles = {role["name"] for role in call(site, {"type": "GET_ROLES"})["get_roles"]["roles"]}
    assert "dev" not in roles
    quotas = call(site, {"type": "GET_QUOTA"})["get_quota"]["status"].get("configs", [])
    assert "dev" not in {quota["role"] for quota in quotas}
    for label in ("nextgen.cloud=dev",):
        assert site.run(worker, "podman", "ps", "-aq", "--filter", "label=" + label).split() == []
    assert "nextgen-dev" not in site.run(worker, "podman", "network", "ls", "--format", "{{.Name}}").split()
    for directory in ("/etc/nextgen.cloud", "/run/nextgen.cloud", "/var/lib/nextgen.cloud"):
        found = site.run(worker, "find", directory, "-name", "dev", "-o", "-name", "dev.*", "-o", "-name", "dev-*",
                         check=False)  # fmt: skip
        assert found.split() == [], directory
    assert site.run(worker, "find", "/var/lib/mesos", "-path", "*frameworks/dev-*").split() == []
    assert site.run(worker, "find", "/var/lib/mesos/agent/volumes", "-name", "dev.*").split() == []
    accounts = [line.split(":")[0] for table in ("passwd", "group") for line in
                site.run(worker, "getent", table).splitlines()]  # fmt: skip
    assert "nextgen-qa" in accounts and "nextgen-dev" not in accounts
    assert site.run(worker, "find", "/etc", "/home", "/run", "/var", "-xdev", "-uid", uid, check=False).split() == []
    assert site.run(edge, "grep", "-rlw", "dev", "/etc/haproxy", "/etc/dnsmasq.d", check=False).split() == []
    paths = {node["path"] for node in zookeeper_tree(site)}
    top = "/nextgen/%s/clouds" % site.spec["site"]
    assert "%s/qa" % top in paths and "%s/dev" % top not in paths


def test_destroyed_cloud_comes_back_with_the_next_run(site):
    result = site.playbook("site")
    assert result.rc == 0, result.output
    assert site.openstack("dev", "token", "issue")["id"]
    names = {project["Name"] for project in site.openstack("dev", "project", "list")}
    assert "only-in-dev" not in names
