# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Error codes of the area 'component': catalogues, parameters and what hydrate refuses."""

from __future__ import annotations

from .entry import Entry

ERRORS: dict[str, Entry] = {
    "NXC-COMP-0001": Entry(
        "Component file cannot be read: {detail}.",
        "Give a directory that holds one directory per component, each with a readable component.yml in UTF-8.",
    ),
    "NXC-COMP-0002": Entry(
        "The file is no component: {detail}.",
        "Start the file with 'schema: 1' and 'component: <name>' at the left margin.",
    ),
    "NXC-COMP-0003": Entry(
        "Unknown key '{key}' in {where}.",
        "Remove the key or write one of: {known}.",
    ),
    "NXC-COMP-0004": Entry(
        "Wrong value in {where}: {detail}.",
        "Give a value as docs/schema/component-1.schema.json describes it.",
    ),
    "NXC-COMP-0005": Entry(
        "Key '{key}' is missing in {where}.",
        "Add the key; docs/components.md has an example.",
    ),
    "NXC-COMP-0006": Entry(
        "Schema {schema} of a component is not known; this collection reads schema 1.",
        "Write 'schema: 1', or use a release of the collection that reads this schema.",
    ),
    "NXC-COMP-0007": Entry(
        "Directory '{directory}' holds a component that calls itself '{name}'.",
        "Give the directory and the key 'component' the same name.",
    ),
    "NXC-COMP-0008": Entry(
        "Component '{name}' is in two catalogues: {first} and {second}.",
        "Rename one of them or take one catalogue out of 'components' in the site file.",
    ),
    "NXC-COMP-0009": Entry(
        "{asker} asks for component '{name}', which no catalogue has.",
        "Correct the name or add the catalogue that has it to 'components' of the site file. Known: {known}.",
    ),
    "NXC-COMP-0010": Entry(
        "Components require each other in a circle: {circle}.",
        "Take one of these out of the 'requires' of another.",
    ),
    "NXC-COMP-0011": Entry(
        "Component '{component}' of cloud '{cloud}' has no parameter '{parameter}'.",
        "Remove it or use one of: {known}.",
    ),
    "NXC-COMP-0012": Entry(
        "Parameter '{parameter}' of component '{component}': {value} is not {wanted}.",
        "Give a value that is {wanted}.",
    ),
    "NXC-COMP-0013": Entry(
        "Component '{component}' of cloud '{cloud}' needs the parameter '{parameter}'.",
        "Set clouds.{cloud}.components.{component}.{parameter} in the site file.",
    ),
    "NXC-COMP-0014": Entry(
        "{user} uses image '{name}', which neither component '{component}' nor what it requires builds.",
        "Declare it under 'images', or require the component that does. Known: {known}.",
    ),
    "NXC-COMP-0015": Entry(
        "{user} uses secret '{name}', which neither component '{component}' nor what it requires declares.",
        "Declare it under 'secrets', or require the component that does. Known: {known}.",
    ),
    "NXC-COMP-0016": Entry(
        "{user} uses port '{name}', which service '{service}' does not have.",
        "Declare it under 'ports' of the service. Known: {known}.",
    ),
    "NXC-COMP-0017": Entry(
        "{user} requires '{name}', which is no service or job of component '{component}' or of what it requires.",
        "Correct the name, or require the component that has it. Known: {known}.",
    ),
    "NXC-COMP-0018": Entry(
        "{user} uses template '{name}', which is not in the component's directory 'templates'.",
        "Correct the name or add the file. Known: {known}.",
    ),
    "NXC-COMP-0019": Entry(
        "Undefined in a template: {detail}.",
        "Use what docs/components.md lists under Templates, or declare the parameter.",
    ),
    "NXC-COMP-0020": Entry(
        "Template cannot be rendered: {detail}.",
        "Correct the Jinja2 expression at this place.",
    ),
    "NXC-COMP-0021": Entry(
        "{kind} '{name}' is in two components of cloud '{cloud}': {first} and {second}.",
        "Rename one of them: names of services and jobs, of routes and of images are one per cloud.",
    ),
    "NXC-COMP-0022": Entry(
        "Routes '{first}' and '{second}' of cloud '{cloud}' both want the host '{host}'.",
        "Give one of the routes another 'host'.",
    ),
    "NXC-COMP-0023": Entry(
        "Cloud '{cloud}' needs {needed} of {resource}, but its quota is {quota}: {detail}.",
        "Raise the quota of the cloud, or lower the components' parameters.",
    ),
    "NXC-COMP-0024": Entry(
        "Cloud '{cloud}' has {routes} TCP routes and only {ports} ports for them.",
        "Widen the port pool of the cloud: half of it, at most 100 ports, is for TCP routes.",
    ),
    "NXC-COMP-0025": Entry(
        "Services and jobs of cloud '{cloud}' wait for each other in a circle: {circle}.",
        "Take one of these out of the 'requires' of another.",
    ),
    "NXC-COMP-0026": Entry(
        "{user} holds a secret outside of a file: {where}.",
        "Put it in an entry of 'files' or in 'secret_environment'; others can read commands and environments.",
    ),
    "NXC-COMP-0027": Entry(
        "{path} is not a manifest that hydrate wrote.",
        "Move the file away; the manifest directory belongs to hydrate alone.",
    ),
    "NXC-COMP-0028": Entry(
        "{where} of {user} is {value} after rendering, not {wanted}.",
        "Correct the expression or the parameter it takes its value from.",
    ),
    "NXC-COMP-0029": Entry(
        "Route '{name}' leads to service '{service}', which component '{component}' does not have.",
        "Name one of its services. Known: {known}.",
    ),
    "NXC-COMP-0030": Entry(
        "{user} uses route '{name}', which neither component '{component}' nor what it requires has.",
        "Correct the name, or require the component that has the route. Known: {known}.",
    ),
    "NXC-COMP-0031": Entry(
        "The recipe of image '{name}' is not usable: {detail}.",
        "Give the image a directory with a Containerfile and text files in UTF-8 only.",
    ),
    "NXC-COMP-0032": Entry(
        "{user} has '{path}' twice among its files and volumes.",
        "Give each file and volume a path of its own.",
    ),
    "NXC-COMP-0033": Entry(
        "Default of parameter '{parameter}' of component '{component}': {value} is not {wanted}.",
        "Correct the default or the declaration of the parameter.",
    ),
    "NXC-COMP-0034": Entry(
        "There are no manifests of cloud '{cloud}' in {path}.",
        "Run the playbook nextgen.cloud.hydrate first, or correct the name of the cloud.",
    ),
    "NXC-COMP-0035": Entry(
        "Manifests cannot be written: {detail}.",
        "Give the user that runs Ansible the right to write there, and free disk space.",
    ),
    "NXC-COMP-0036": Entry(
        "{user} uses '{name}' of '{secret}', which has no such part.",
        "Use one of: {known}. Part 'staged' needs 'staged: true', 'hash' and 'public' need a kind that has them.",
    ),
    "NXC-COMP-0037": Entry(
        "{user} uses certificate '{name}', which component '{component}' does not declare.",
        "Declare it under 'certificates' of the same component. Known: {known}.",
    ),
    "NXC-COMP-0038": Entry(
        "{user} is for route '{name}', which component '{component}' does not have.",
        "Name routes of the component, or leave 'routes' out to take all of them. Known: {known}.",
    ),
    "NXC-COMP-0039": Entry(
        "{user} lets others read or change '{path}', a file with a secret or key in it: its mode is {mode}.",
        "Give the file mode 0400, or 0440 where its group has to read it.",
    ),
    "NXC-COMP-0040": Entry(
        "{user} has the variable '{name}' in environment and in secret_environment.",
        "Remove one of the two.",
    ),
}
