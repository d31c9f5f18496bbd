# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the records do when the connection to ZooKeeper has a gap."""

from __future__ import annotations

import pytest
from ansible_collections.nextgen.cloud.plugins.module_utils._adapters import zookeeper
from ansible_collections.nextgen.cloud.plugins.module_utils._adapters.zookeeper import Records, claimant
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.errors import CloudError

exceptions = pytest.importorskip("kazoo.exceptions")


class Client:
    """Answers from ``answers`` in turn: a value, or an exception to raise."""

    def __init__(self, *answers):
        self.answers, self.asked, self.claims = list(answers), [], []
        self.connected = True

    def get_children(self, path):
        self.asked.append(path)
        if not self.answers:
            return []
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def Lock(self, _path, who):  # noqa: N802 - kazoo's name
        self.claims.append(who)
        return self

    def acquire(self, timeout):
        return True


@pytest.fixture
def records(monkeypatch):
    monkeypatch.setattr(zookeeper, "_PAUSE", 0.0)
    monkeypatch.setattr(zookeeper, "_CONNECT", 0.05)

    def make(*answers):
        made = Records("", "aio", "dev")
        made._client = Client(*answers)
        return made

    return make


def test_a_request_survives_a_new_leader(records):
    made = records(exceptions.ConnectionLoss(), exceptions.SessionExpiredError(), ["a"])
    assert made._ask("get_children", "/x") == ["a"]
    assert made._client.asked == ["/x"] * 3


def test_without_a_connection_it_does_not_wait_for_ever(records):
    made = records()
    made._client.connected = False
    with pytest.raises(CloudError) as caught:
        made._ask("get_children", "/x")
    assert "NXC-PLAN-0014" in str(caught.value) and not made._client.asked


def test_a_lock_that_went_with_its_session_is_taken_again(records):
    made, who = records(), claimant()
    made.lock(who, 1.0)
    made.held()
    assert made._client.claims == [who]
    for state in ("SUSPENDED", "LOST", "CONNECTED"):
        made._watch(state)
    made.held()
    made.held()
    assert made._client.claims == [who, who]
