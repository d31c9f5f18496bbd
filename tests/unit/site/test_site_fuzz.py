# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A thousand malformed site files, the same ones every time: always coded problems with places, never another error."""

from __future__ import annotations

import copy
import random
from pathlib import Path

import pytest
import yaml
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.errors import CloudError
from ansible_collections.nextgen.cloud.plugins.module_utils._domain.site.normalize import normalize
from ansible_collections.nextgen.cloud.plugins.plugin_utils.site_file import check
from ansible_collections.nextgen.cloud.plugins.plugin_utils.yaml_document import parse_leniently

ROOT = Path(__file__).resolve().parents[3]
SAMPLES = [(ROOT / "inventories" / name / "site.yml").read_bytes() for name in ("aio", "lab")]
PARSED = [yaml.safe_load(sample) for sample in SAMPLES]
COMPONENTS = ("keystone", "mariadb", "memcached")
BATCHES, PER_BATCH = 10, 100

SCRAPS = [
    b"\t", b"\n", b"\r", b":", b": ", b"- ", b"{", b"}", b"[", b"]", b",", b"&a ", b"*a ", b"*ssh", b"!!", b"!!int ",
    b"'", b'"', b"#", b"|", b">", b"%", b"@", b"`", b"\x00", b"\xff", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"---\n",
    b"...\n", b"? ", b"<<: ", b"~", b"0x", b"9" * 40, b"1e99", b".nan", b"-.inf", b"\xe2\x80\xa8", b"\xc2\x85",
    b"[" * 50, b"{" * 50,
]  # fmt: skip
VALUES = [
    None, True, 0, -1, 1.5, 10**17, 1e300, "", " ", "x", "\n", "aio-1", "2GiB", "1-0", "0-99999", "20000-20999", "ü",
    "a" * 70, [], [[]], [None], {}, {"": ""}, {"a": {"b": {}}}, [{}], ["control", "control"], "999.0.0.1", "1.2.3.4/0",
]  # fmt: skip


def scramble_text(chance: random.Random) -> bytes:
    """A sample with one to three cuts, doublings or insertions."""
    text = chance.choice(SAMPLES)
    for _dummy in range(chance.randint(1, 3)):
        start = chance.randrange(len(text))
        end = min(len(text), start + chance.choice((1, 2, 5, 20, 200)))
        change = chance.choice(("insert", "cut", "double", "replace"))
        inserted = {"insert": chance.choice(SCRAPS), "cut": b"", "double": text[start:end] * 2}
        middle = inserted.get(change, chance.choice(SCRAPS))
        text = text[:start] + middle + text[start if change == "insert" else end :]
    return text


def scramble_structure(chance: random.Random) -> bytes:
    """A sample in which one to three values are removed, renamed, or replaced by something else or each other."""
    tree = copy.deepcopy(chance.choice(PARSED))
    for _dummy in range(chance.randint(1, 3)):
        holders = list(_holders(tree))
        holder = chance.choice(holders)
        key = chance.choice(list(holder) if isinstance(holder, dict) else range(len(holder)))
        change = chance.choice(("remove", "rename", "replace", "replace", "transplant"))
        if change == "remove":
            del holder[key]
        elif change == "rename" and isinstance(holder, dict):
            holder[chance.choice(("", "x", "dev", "aio-1", "A_", 7, str(key)[:-1], "%s-" % key))] = holder.pop(key)
        elif change == "transplant":
            holder[key] = copy.deepcopy(chance.choice(holders))
        else:
            holder[key] = copy.deepcopy(chance.choice(VALUES))
        if not list(_holders(tree)):
            break
    return yaml.dump(tree, sort_keys=False, allow_unicode=True, Dumper=_DUMPER).encode()


_DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


def _holders(value):
    """Every list and mapping that holds something."""
    if isinstance(value, (dict, list)) and value:
        yield value
        for item in value.values() if isinstance(value, dict) else value:
            yield from _holders(item)


def problems_of(text):
    try:
        document = parse_leniently(text, "site.yml")
        problems = check(document, COMPONENTS)
    except CloudError as error:
        return error.problems
    if not problems:
        # a change may be harmless; then the rest of the way must bear it too
        assert normalize(document.data, "/x/site.yml")["nodes"]
    return problems


@pytest.mark.parametrize("scramble", [scramble_text, scramble_structure])
@pytest.mark.parametrize("batch", range(BATCHES // 2))
def test_malformed_file_gives_coded_problems(scramble, batch):
    chance = random.Random("%s %d" % (scramble.__name__, batch))
    malformed = 0
    while malformed < PER_BATCH:
        text = scramble(chance)
        problems = problems_of(text)
        lines = len(text.decode("utf-8", "replace").splitlines()) + 1
        for problem in problems:
            assert problem.code.startswith("NXC-SITE-"), text
            assert problem.place.file == "site.yml", text
            assert 1 <= problem.place.line <= lines, (text, str(problem))
            assert problem.place.column >= 1, text
            assert str(problem).isprintable(), (text, str(problem))
        malformed += bool(problems)
