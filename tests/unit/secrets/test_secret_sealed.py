# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The encrypted file: what is bound, what is refused, old formats, passwords. No processes."""

from __future__ import annotations

import json
import os
import stat

import pytest
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.errors import CloudError
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.secrets.declaration import parse_declarations
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.secrets.entry import Version, first
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.secrets.kinds import KINDS
from ansible_collections.nextgen.cloud.plugins.plugin_utils.secret_store import generate, run_cache
from ansible_collections.nextgen.cloud.plugins.plugin_utils.secret_store.audit_log import AuditLog
from ansible_collections.nextgen.cloud.plugins.plugin_utils.secret_store.backend import Conflict
from ansible_collections.nextgen.cloud.plugins.plugin_utils.secret_store.file import FileBackend
from ansible_collections.nextgen.cloud.plugins.plugin_utils.secret_store.keeper import Wish, keep
from ansible_collections.nextgen.cloud.plugins.plugin_utils.secret_store.password import PasswordSource, default_file

NOW = "2026-11-21T13:00:00Z"


def entry(value):
    return first("password", lambda number: Version(number, value, NOW))


class Given(PasswordSource):
    """As a vault id given to Ansible."""

    def __init__(self, text):
        super().__init__()
        self.text = text

    def _vault_secrets(self):
        secret = type("Secret", (), {"bytes": self.text.encode()})
        return [("other", None), ("nextgen", secret)] if self.text else []


@pytest.fixture(autouse=True)
def _alone(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    run_cache.forget("")
    yield
    run_cache.forget("")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "state" / "secrets" / "store.json"


@pytest.fixture
def store(path):
    """A store with a and b."""
    backend = FileBackend(str(path), PasswordSource())
    backend.write({"a": entry("geheim-a"), "b": entry("geheim-b")}, {})
    return backend


def refusal(call):
    with pytest.raises(CloudError) as caught:
        call()
    return caught.value.problems[0]


def edit(path, change):
    document = json.loads(path.read_text())
    change(document)
    path.write_text(json.dumps(document))


def mode(path):
    return stat.S_IMODE(os.stat(path).st_mode)


def test_values_come_back_and_are_not_in_the_file(store, path):
    assert {key: one.entry for key, one in store.read(None).items()} == {"a": entry("geheim-a"), "b": entry("geheim-b")}
    assert list(store.read(["b", "nothing"])) == ["b"]
    assert "geheim" not in path.read_text() and json.loads(path.read_text())["format"] == 2


def test_an_absent_store_is_empty_and_reading_makes_nothing(path, tmp_path):
    assert FileBackend(str(path), PasswordSource()).read(None) == {}
    assert os.listdir(tmp_path) == []


def test_a_password_is_generated_with_the_store_and_for_the_owner_alone(store, path):
    store_id = json.loads(path.read_text())["id"]
    assert mode(default_file(store_id)) == 0o600 and mode(os.path.dirname(default_file(store_id))) == 0o700
    assert (mode(path), mode(path.parent), mode(path.parent.parent)) == (0o600, 0o700, 0o700)


def test_a_given_password_costs_more_to_guess(path):
    FileBackend(str(path), Given("typed")).write({"a": entry("x")}, {})
    assert json.loads(path.read_text())["kdf"]["n"] >= 2**16
    assert not os.path.exists(default_file(json.loads(path.read_text())["id"]))


def test_the_key_is_derived_once(store, path):
    told = []
    for _again in range(3):
        FileBackend(str(path), PasswordSource(), told.append).read(["a"])
    assert told == []
    run_cache.forget("store-key:")
    for _again in range(3):
        FileBackend(str(path), PasswordSource(), told.append).read(["a"])
    assert len(told) == 1


def test_a_wrong_password_and_a_lost_one_are_told_apart(store, path):
    run_cache.forget("")
    problem = refusal(lambda: FileBackend(str(path), Given("mistyped")).read(["a"]))
    assert problem.code == "NXC-SECR-0016" and "vault id nextgen" in problem.remedy and "mistyped" not in str(problem)
    os.unlink(default_file(json.loads(path.read_text())["id"]))
    assert refusal(lambda: FileBackend(str(path), PasswordSource()).read(["a"])).code == "NXC-SECR-0018"
    before = path.read_bytes()
    assert refusal(lambda: store.write({"c": entry("x")}, {})).code == "NXC-SECR-0018"
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("change", "code", "named"),
    [
        (lambda document: document["entries"].update(a=document["entries"]["b"]), "NXC-SECR-0017", "'a'"),
        (lambda document: document["entries"].update(c=document["entries"]["b"]), "NXC-SECR-0017", "'c'"),
        (lambda document: document["entries"].update(a="AAAA" + document["entries"]["a"][4:]), "NXC-SECR-0017", "'a'"),
        (lambda document: document["entries"].update(a="no base64!"), "NXC-SECR-0017", "'a'"),
        (lambda document: document["entries"].pop("a"), "NXC-SECR-0019", ""),
        (lambda document: document.update(seal=document["check"]), "NXC-SECR-0019", ""),
        (lambda document: document.update(format=3), "NXC-SECR-0003", "3"),
        (lambda document: document["kdf"].update(n=2**40), "NXC-SECR-0002", ""),
        (lambda document: document["kdf"].update(name="md5"), "NXC-SECR-0002", ""),
        (lambda document: document.update(id="../../x"), "NXC-SECR-0002", ""),
        (lambda document: document.pop("check"), "NXC-SECR-0002", ""),
    ],
    ids=["moved", "copied", "changed", "text", "removed", "seal", "newer", "cost", "kdf", "id", "check"],
)
def test_what_others_changed_is_refused_by_readers_and_writers(store, path, change, code, named):
    edit(path, change)
    spoilt = path.read_bytes()
    for call in (lambda: store.read(["a", "b"]), lambda: store.write({"x": entry("x")}, {})):
        problem = refusal(call)
        assert problem.code == code and named in problem.message
    assert path.read_bytes() == spoilt


def test_an_entry_of_an_older_file_is_refused(store, path):
    old = json.loads(path.read_text())["entries"]["a"]
    store.write({"a": entry("newer")}, store.read(["a"]))
    edit(path, lambda document: document["entries"].update(a=old))
    assert refusal(lambda: store.read(["a"])).code == "NXC-SECR-0019"


@pytest.mark.parametrize(
    ("text", "code"),
    [("{", "NXC-SECR-0002"), ("[]", "NXC-SECR-0003"), ('{"format": 1, "secrets": {"a": {}}}', "NXC-SECR-0002")],
)
def test_a_file_that_is_no_store_is_left_alone(path, text, code):
    path.parent.mkdir(parents=True)
    path.write_text(text)
    backend = FileBackend(str(path), PasswordSource())
    assert refusal(lambda: backend.read(None)).code == code
    assert refusal(lambda: backend.write({"a": entry("x")}, {})).code == code
    assert path.read_text() == text


def test_the_plain_format_is_read_and_encrypted_by_the_next_write(path):
    path.parent.mkdir(parents=True)
    rows = {"a": {"kind": "password", "value": "geheim-a"}, "b": {"kind": "hex", "value": "00ff"}}
    path.write_text(json.dumps({"format": 1, "secrets": rows}))
    backend = FileBackend(str(path), PasswordSource())
    seen = backend.read(None)
    assert seen["a"].entry.current.value == "geheim-a" and seen["a"].entry.current.number == 1
    backend.write({"b": None, "c": entry("geheim-c")}, seen)
    assert json.loads(path.read_text())["format"] == 2 and "geheim" not in path.read_text()
    assert {key: one.entry.current.value for key, one in backend.read(None).items()} == {
        "a": "geheim-a",
        "c": "geheim-c",
    }


def test_a_path_that_others_changed_is_a_conflict_and_nothing_is_written(store, path):
    seen = store.read(None)
    store.write({"a": entry("other")}, seen)
    before = path.read_bytes()
    for changes in ({"b": None, "a": None}, {"a": entry("mine")}):
        with pytest.raises(Conflict) as caught:
            store.write(changes, seen)
        assert caught.value.path == "a"
    with pytest.raises(Conflict):
        store.write({"b": entry("mine")}, {})
    assert path.read_bytes() == before
    store.write({"b": None}, seen)
    assert list(store.read(None)) == ["a"]


def test_untouched_entries_keep_their_boxes(store, path):
    before = json.loads(path.read_text())["entries"]["b"]
    store.write({"a": entry("other")}, store.read(["a"]))
    assert json.loads(path.read_text())["entries"]["b"] == before


def test_modes_are_repaired_by_a_write(store, path):
    path.chmod(0o644)
    path.parent.chmod(0o755)
    assert store.lax() == [str(path.parent), str(path)]
    store.tighten()
    assert store.lax() == []


def wish(state="present", *paths, **more):
    return Wish(state, tuple(parse_declarations([{"path": path, **more} for path in paths])))


def test_every_change_is_recorded_without_values(path, tmp_path):
    backend, log = FileBackend(str(path), PasswordSource()), AuditLog(str(tmp_path / "state"), "play / task")
    keep(backend, log, wish("present", "x", "y"), NOW, check=False)
    keep(backend, log, wish("rotated", "x"), NOW, check=False)
    keep(backend, log, wish("rotated", "x"), NOW, check=True)
    keep(backend, log, wish("absent", "y"), NOW, check=False)
    assert log.verify() == 4 and mode(log.path) == 0o600
    with open(log.path, encoding="utf-8") as stream:
        rows = [json.loads(line) for line in stream]
    assert [(row["path"], row["action"], row["version"]) for row in rows] == [
        ("x", "created", 1),
        ("y", "created", 1),
        ("x", "rotated", 2),
        ("y", "removed", 1),
    ]
    assert {row["task"] for row in rows} == {"play / task"}
    with open(log.path, "a", encoding="utf-8") as stream:
        stream.write("half a rec")
    assert refusal(log.verify).code == "NXC-SECR-0024"
    keep(backend, log, wish("present", "z"), NOW, check=False)
    assert log.verify() == 5


def test_another_writer_in_between_is_decided_again(path, tmp_path):
    class Slow(FileBackend):
        def read(self, paths):
            seen = super().read(paths)
            if not path.exists():
                FileBackend(str(path), PasswordSource()).write({"x": entry("faster-1A")}, {})
            return seen

    changes, seen = keep(
        Slow(str(path), PasswordSource()), AuditLog(str(tmp_path)), wish("present", "x", "y"), NOW, check=False
    )
    assert [change.path for change in changes] == ["y"] and seen["x"].entry.current.value == "faster-1A"


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_can_be_made_and_looks_like_it(kind):
    (declared,) = parse_declarations([{"path": "a", "kind": kind}])
    made = generate.version(declared, 1, NOW)
    assert KINDS[kind].flaw(made.value) == "" and made.value != generate.version(declared, 1, NOW).value
    again = generate.imported(kind, made.value, NOW)
    assert (again.value, again.public) == (made.value, made.public)
    assert bool(made.public) == (kind in ("ssh_ed25519", "x509_key"))
    assert made.hash[:7] == ("$2y$10$" if kind == "htpasswd" else "")


def test_the_hash_is_one_of_the_password():
    import bcrypt

    (declared,) = parse_declarations([{"path": "a", "kind": "htpasswd"}])
    made = generate.version(declared, 1, NOW)
    assert bcrypt.checkpw(made.value.encode(), made.hash.encode())
