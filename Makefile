# SPDX-License-Identifier: GPL-3.0-or-later
# Names for the commands in scripts/; no logic here. SITE=path/to/site.yml chooses another site.
SITE ?= inventories/aio/site.yml
.DEFAULT_GOAL := help
.PHONY: help up down test bench lint unit integration molecule sanity build

help: ## Show this list
	@sed -n 's/^\([a-z ]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 22

up: ## Make the site be: install what is missing, deploy, show the endpoints
	@scripts/up.sh "$(SITE)"

down: ## Take the site away
	@scripts/down.sh "$(SITE)"

test: ## Everything: lint, sanity, unit, build, integration, molecule
	@scripts/test.sh

bench: ## Measure ours against references in the same run; writes build/bench.json
	@scripts/bench.sh

lint unit integration molecule sanity build: ## One part of the tests
	@scripts/test.sh $@
