# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Two clouds on one worker: each answers by its own name, and knows nothing of the other."""

from __future__ import annotations

import ssl
import urllib.error
import urllib.request

import pytest
import yaml

from .mesos_view import call, running_tasks
from .request_loop import RequestLoop

CLOUDS = ("dev", "qa")


def keystone_loop(site, cloud: str) -> RequestLoop:
    host = "keystone.%s.%s" % (cloud, site.spec["domain"])
    port = site.spec["edge"]["port"]
    return RequestLoop(site.address("edge"), port, host, "/v3", str(site.access_dir / "ca.crt"))


@pytest.mark.parametrize("cloud", CLOUDS)
def test_token_is_issued_by_name(site, cloud):
    token = site.openstack(cloud, "token", "issue")
    assert token["id"] and token["project_id"]


@pytest.mark.parametrize("cloud", CLOUDS)
def test_catalogue_names_the_cloud_itself(site, cloud):
    [keystone] = [entry for entry in site.openstack(cloud, "catalog", "list") if entry["Type"] == "identity"]
    urls = {endpoint["url"] for endpoint in keystone["Endpoints"]}
    assert len(urls) == 1 and urls.pop().startswith("https://keystone.%s.%s" % (cloud, site.spec["domain"]))


def test_token_of_dev_is_refused_by_qa(site):
    token = site.openstack("dev", "token", "issue")["id"]
    context = ssl.create_default_context(cafile=str(site.access_dir / "ca.crt"))
    config = yaml.safe_load((site.access_dir / "clouds.yaml").read_text())
    answers = {}
    for cloud in CLOUDS:
        url = config["clouds"][cloud]["auth"]["auth_url"] + "/auth/projects"
        request = urllib.request.Request(url, headers={"X-Auth-Token": token})
        try:
            with urllib.request.urlopen(request, context=context, timeout=10) as answer:
                answers[cloud] = answer.status
        except urllib.error.HTTPError as error:
            answers[cloud] = error.code
    assert answers == {"dev": 200, "qa": 401}


def test_each_cloud_has_a_database_of_its_own(site):
    made = site.openstack("dev", "project", "create", "only-in-dev", "--or-show")
    assert made["name"] == "only-in-dev"
    names = {cloud: {p["Name"] for p in site.openstack(cloud, "project", "list")} for cloud in CLOUDS}
    assert "only-in-dev" in names["dev"] and "only-in-dev" not in names["qa"]
    databases = [task for task in running_tasks(site) if task["service"] == "mariadb"]
    assert sorted(task["cloud"] for task in databases) == ["dev", "qa"]
    assert len({(task["agent"], *task["ports"].values()) for task in databases}) == 2


def test_unknown_name_is_refused_at_the_edge(site):
    loop = keystone_loop(site, "dev")
    loop.host = "nothing.dev.%s" % site.spec["domain"]
    assert loop.request() == 404


def test_tasks_take_ports_of_their_cloud_only(site):
    for task in running_tasks(site):
        first, last = site.spec["clouds"][task["cloud"]]["ports"]
        assert task["ports"] and all(first <= port <= last for port in task["ports"].values()), task


def test_quota_of_each_cloud_is_set(site):
    answer = call(site, {"type": "GET_QUOTA"})
    configs = {config["role"]: config for config in answer["get_quota"]["status"]["configs"]}
    for cloud, spec in site.spec["clouds"].items():
        wanted = spec["quota"]
        assert configs[cloud]["limits"]["cpus"]["value"] == wanted["cpus"]
        assert configs[cloud]["limits"]["mem"]["value"] == wanted["mem"]


def test_clouds_yaml_is_for_its_owner_only(site):
    assert (site.access_dir / "clouds.yaml").stat().st_mode & 0o077 == 0
