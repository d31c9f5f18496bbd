# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Error codes of the area 'site': 00xx text, 01xx structure, 02xx names and roles, 03xx addresses, 04xx ports,
05xx capacity and components, 06xx secrets, 09xx the controller itself."""

from __future__ import annotations

from .entry import Entry

ERRORS: dict[str, Entry] = {
    # text
    "NXC-SITE-0001": Entry(
        "The file cannot be read: {reason}.",
        "Give the path of a readable file.",
    ),
    "NXC-SITE-0002": Entry(
        "The file is not UTF-8 text: byte {byte} does not belong here.",
        "Save the file as UTF-8.",
    ),
    "NXC-SITE-0003": Entry(
        "The character {character} is not allowed in YAML.",
        "Remove it; it may be invisible in the editor.",
    ),
    "NXC-SITE-0004": Entry(
        "This is not YAML: {reason}.",
        "Correct the text here or just above: indentation, a missing colon or quote, an open bracket.",
    ),
    "NXC-SITE-0005": Entry(
        "The line is indented with a tab.",
        "Indent with spaces; YAML forbids tabs.",
    ),
    "NXC-SITE-0006": Entry(
        "The file has no content.",
        "Start from a sample: inventories/aio/site.yml.",
    ),
    "NXC-SITE-0007": Entry(
        "The file holds a second document.",
        "Keep one document a file; remove the line '---' and what follows.",
    ),
    "NXC-SITE-0008": Entry(
        "The file must be a mapping of keys and values, but it is {actual}.",
        "Start the file with 'plugin: nextgen.cloud.site' and 'schema: 1' at the left margin.",
    ),
    "NXC-SITE-0009": Entry(
        "The key '{key}' is written twice; the first is at {first}.",
        "Keep one of the two.",
    ),
    "NXC-SITE-0010": Entry(
        "The file is too large: more than {limit} {unit}.",
        "Write it shorter; aliases count with all that they stand for.",
    ),
    "NXC-SITE-0011": Entry(
        "The alias '*{name}' has no finished anchor '&{name}' before it.",
        "Set the anchor above the alias, on another value than the one the alias is in.",
    ),
    "NXC-SITE-0012": Entry(
        "The tag '{tag}' is not allowed.",
        "Remove the tag; put quotes around a value that must be text.",
    ),
    "NXC-SITE-0013": Entry(
        "The key is {actual}, but a key must be a word.",
        "Write 'name: value'.",
    ),
    "NXC-SITE-0014": Entry(
        "The name of a site file ends in 'site.yml' or 'site.yaml', but this file is '{name}'.",
        "Rename the file.",
    ),
    # structure
    "NXC-SITE-0101": Entry(
        "Unknown key '{key}' in {where}.",
        "Remove it, or use one of: {allowed}.",
    ),
    "NXC-SITE-0102": Entry(
        "The key '{key}' is missing in {where}.",
        "Add it; docs/site-file.md says what it means.",
    ),
    "NXC-SITE-0103": Entry(
        "{where} must be {expected}, but it is {actual}.",
        "Write {expected}{example}.",
    ),
    "NXC-SITE-0104": Entry(
        "{where} cannot be '{value}'.",
        "Use one of: {allowed}.",
    ),
    "NXC-SITE-0105": Entry(
        "{where} is {value}, but must be {bound}.",
        "Choose a value within the bound.",
    ),
    "NXC-SITE-0106": Entry(
        "{where} is '{value}', which is not {expected}.",
        "Write {expected}, for example {example}.",
    ),
    "NXC-SITE-0107": Entry(
        "{where} lists '{value}' more than once.",
        "Keep one.",
    ),
    "NXC-SITE-0108": Entry(
        "The key '{key}' has no meaning in {where} with {condition}.",
        "Remove it, or change {condition}.",
    ),
    "NXC-SITE-0109": Entry(
        "This is schema '{value}' of the site file; this version of the collection reads schema 1.",
        "Write 'schema: 1', or use a version of the collection that reads the other schema.",
    ),
    # names and roles
    "NXC-SITE-0201": Entry(
        "The name '{name}' of {what} is unfit for DNS.",
        "Use 1 to 63 lower-case letters, digits and inner hyphens, starting with a letter.",
    ),
    "NXC-SITE-0202": Entry(
        "The domain '{name}' is not a DNS domain.",
        "Use lower-case labels joined by dots, for example 'aio.test'.",
    ),
    "NXC-SITE-0203": Entry(
        "{what} would get the name '{name}' of {length} characters; at most {limit} are possible.",
        "Shorten the name or the domain.",
    ),
    "NXC-SITE-0204": Entry(
        "The name '{name}' is reserved: {reason}.",
        "Choose another name.",
    ),
    "NXC-SITE-0205": Entry(
        "The node '{node}' and the cloud '{cloud}' (at {other}) share the name '{name}'.",
        "Rename one of them.",
    ),
    "NXC-SITE-0211": Entry(
        "No node has the role '{role}'.",
        "Add '{role}' to the roles of a node.",
    ),
    "NXC-SITE-0212": Entry(
        "The number of nodes with the role 'control' is even: {count} ({names}).",
        "Use an odd number, such as 1, 3 or 5: an even one survives no more failures and needs a larger majority.",
    ),
    "NXC-SITE-0213": Entry(
        "Unknown role '{value}' in {where}.",
        "Use one of: {allowed}.",
    ),
    "NXC-SITE-0214": Entry(
        "The attribute 'node' is set by the collection to the node's name.",
        "Remove it, or give it another name.",
    ),
    # addresses
    "NXC-SITE-0301": Entry(
        "{where} is '{value}', which is not an IPv4 address.",
        "Write four numbers from 0 to 255 joined by dots, for example 10.77.0.10.",
    ),
    "NXC-SITE-0302": Entry(
        "{where} is '{value}', which is not an IPv4 subnet: {reason}.",
        "Write the first address and the prefix length, for example 10.77.0.0/24.",
    ),
    "NXC-SITE-0303": Entry(
        "The nodes '{first}' ({other}) and '{second}' both have the address {address}.",
        "Give each node an address of its own; a node without one gets the subnet's .10 plus its place in the file.",
    ),
    "NXC-SITE-0304": Entry(
        "The address {address} of the node '{node}' is outside the subnet {subnet}.",
        "Choose an address in the subnet, or change driver.subnet.",
    ),
    "NXC-SITE-0305": Entry(
        "The address {address} of the node '{node}' is reserved in the subnet {subnet}: {reason}.",
        "Choose another address.",
    ),
    "NXC-SITE-0306": Entry(
        "The subnet {subnet} has no address left for the node '{node}'.",
        "Choose a larger subnet, or give the node a free address in it.",
    ),
    "NXC-SITE-0307": Entry(
        "The node '{node}' has no address, which the driver 'static' needs.",
        "Add 'address' with the address under which the controller and the other nodes reach it.",
    ),
    # ports
    "NXC-SITE-0401": Entry(
        "{where} is '{value}', which is not a range of ports: it must rise, from {low} to {high} at most.",
        "Write the first and the last port, for example 20000-20999.",
    ),
    "NXC-SITE-0402": Entry(
        "The ports of the clouds '{first}' ({other}) and '{second}' overlap in {overlap}.",
        "Give each cloud a pool of its own.",
    ),
    "NXC-SITE-0403": Entry(
        "The ports {ports} of the cloud '{cloud}' are not within the site's ports {site}.",
        "Choose a pool within the site's ports, or change 'ports' of the site.",
    ),
    "NXC-SITE-0404": Entry(
        "The cloud '{cloud}' has {count} ports; {minimum} is the least.",
        "Widen the pool: 100 ports are for routes on the edge, the others for tasks.",
    ),
    "NXC-SITE-0405": Entry(
        "The site's ports {ports} include port {port}, which {owner} uses.",
        "Move the site's ports, for example to 20000-29999.",
    ),
    "NXC-SITE-0406": Entry(
        "The edge's port {port} is taken: {owner} uses it.",
        "Choose another port for the edge, for example 443.",
    ),
    # capacity and components
    "NXC-SITE-0501": Entry(
        "The quotas of {clouds} add up to {sum} of {resource}, but the workers declare {capacity}.",
        "Lower the quotas, or add workers or resources. Quotas are guarantees and cannot be overbooked.",
    ),
    "NXC-SITE-0502": Entry(
        "The quota of {resource} of the cloud '{cloud}' is zero.",
        "Give the cloud what its tasks need; a cloud without quota can run nothing.",
    ),
    "NXC-SITE-0503": Entry(
        "Unknown component '{name}' in the cloud '{cloud}'.",
        "Use one of: {known}; or add the directory that holds it to 'components' of the site.",
    ),
    "NXC-SITE-0504": Entry(
        "The directory of components '{path}' cannot be read: {reason}.",
        "Give a directory that holds one directory per component, relative to the site file.",
    ),
    # secrets
    "NXC-SITE-0601": Entry(
        "{where} is '{value}': over it secrets would travel in the clear.",
        "Use https; plain http is for servers on the controller's own loopback address only.",
    ),
    "NXC-SITE-0602": Entry(
        "The key '{key}' in secrets means nothing without '{other}'.",
        "Give both or none.",
    ),
    # certificates
    "NXC-SITE-0701": Entry(
        "A certificate is given for the cloud '{name}', which the site does not have.",
        "Name a cloud of the site, or remove the certificate. Clouds: {known}.",
    ),
    # controller
    "NXC-SITE-0901": Entry(
        "The Python library '{name}' is missing on the controller: {reason}.",
        "Install it for the Python that runs Ansible: pip install {name}.",
    ),
    "NXC-SITE-0902": Entry(
        "No site file was read.",
        "Give one with -i <directory>/site.yml. If Ansible warned about it above, correct what the warning names.",
    ),
}
