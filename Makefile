# What can be done here: `make` lists it. Every target sets itself up.
SHELL := /bin/bash
.DEFAULT_GOAL := help

GOARCH  ?= arm64
VERSION ?= $(shell git describe --always --dirty 2>/dev/null || echo dev)
# A race detector needs a C compiler.
RACE    := $(shell command -v gcc clang >/dev/null 2>&1 && echo -race)

# A target is listed in the group that its comment begins with.
.PHONY: help
help: ## use: list what can be done
	@for group in use test deploy nightly; do \
		echo "$$group"; \
		awk -F ':.*## ' -v group="$$group: " '/^[a-z-]+:.*## / && index($$2, group) == 1 \
			{printf "  make %-16s %s\n", $$1, substr($$2, length(group) + 1)}' Makefile; \
	done

.PHONY: run
run: ## use: start the local stack: both functions, a HelpCrunch simulator, queues; ARGS="-h" shows its flags
	@trap 'exit 0' INT; go run ./local $(ARGS)

.PHONY: demo
demo: ## use: drive the local stack through outages, a throttle and a rotated key; fails unless nothing is lost
	go run ./local demo

.PHONY: build
build: build/http build/queue ## use: build both functions for Lambda (GOARCH=arm64 or amd64) into build/

.PHONY: build/http build/queue
build/http build/queue:
	$(call build,$(@F),$@)

# What `sam build` calls, with the folder to build into.
.PHONY: build-HttpFunction build-QueueFunction
build-HttpFunction:
	$(call build,http,$(ARTIFACTS_DIR))
build-QueueFunction:
	$(call build,queue,$(ARTIFACTS_DIR))

# local/build has the flags. It runs here, whatever GOARCH it builds for.
build = GOOS= GOARCH= go run ./local/build/function -arch "$(GOARCH)" -version "$(VERSION)" $(1) "$(2)"

.PHONY: test
test: ## test: run all tests that need nothing but Go
	go vet ./...
	go test $(RACE) ./...

.PHONY: model
model: ## test: drive HISTORIES random histories (2000) through the queue function's handler and check every promise on each
	go test -count=1 -run '^TestModel' ./shared/queue -histories $${HISTORIES:-2000}

.PHONY: test-browser
test-browser: ## test: run the live page in Chromium; IMAGES=docs/images renews the screenshots
	@command -v chromium chromium-browser google-chrome >/dev/null 2>&1 || { \
		if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
			apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
				chromium fonts-inter fonts-noto-color-emoji fonts-droid-fallback; \
		else echo "test-browser needs Chromium: install it first" >&2; exit 1; fi; }
	go vet -tags browser ./local/page/...
	go test -count=1 -tags browser ./local/page/browser $(if $(IMAGES),-images "$$(cd "$(IMAGES)" && pwd)")

.PHONY: test-oracle
test-oracle: ## test: hold the embedded SQS against another implementation (moto, in a virtual environment of its own)
	./local/sqs/oracle.sh

# The stack's tools are pinned and installed below .venv/ and deploy/node_modules/ by deploy/tools.sh.
SAM   := PATH="$(CURDIR)/.venv/sam/bin:$$PATH" PYTHONDONTWRITEBYTECODE=1 SAM_CLI_TELEMETRY=0
ENV   ?= default
STACK ?= helpcrunch-mark-read

.PHONY: lint-template
lint-template: ## test: lint the template, the GitHub workflows and the shell scripts
	deploy/tools.sh sam workflows
	$(SAM) cfn-lint
	$(SAM) AWS_DEFAULT_REGION=eu-central-1 sam validate --lint
	.venv/workflows/bin/zizmor --offline --quiet .github/workflows
	.venv/workflows/bin/shellcheck -a $$(git grep -l '^#!/usr/bin/env bash')
	go run github.com/rhysd/actionlint/cmd/actionlint@v1.7.12

.PHONY: lint-docs
lint-docs: ## test: lint the OpenAPI description and the example templates (Node, Python)
	REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true npx --yes @redocly/cli@2.77.0 lint docs/openapi.yaml
	deploy/tools.sh sam
	cd examples && PATH="$(CURDIR)/.venv/sam/bin:$$PATH" cfn-lint -- *.yaml

.PHONY: deploy
deploy: ## deploy: build and deploy the stack; asks three questions the first time (ENV=staging or prod, PARAMETERS="Name=value ...")
	PARAMETERS="$(PARAMETERS)" PACKAGE="$(PACKAGE)" deploy/deploy.sh $(ENV)

.PHONY: delete
delete: ## deploy: delete the stack STACK; queues and secrets are kept (OPTIONS=--leave-messages)
	deploy/install/install.sh --delete --stack-name $(STACK) $(OPTIONS)

.PHONY: test-template
test-template: ## test: check the template, and evaluate its policies offline (Python 3.11, Node)
	deploy/tools.sh sam policies
	$(SAM) python -m pytest -q -p no:cacheprovider deploy/test_template.py deploy/test_parameters.py deploy/test_alarms.py deploy/test_policies.py \
		deploy/test_twins.py deploy/test_deployer.py

.PHONY: test-deploy
test-deploy: ## test: deploy to an AWS emulator by SAM and by the released package, and send marks through what was deployed
	deploy/tools.sh sam ministack aws
	$(SAM) MINISTACK="$(CURDIR)/.venv/ministack/bin/ministack" python -m pytest -q -p no:cacheprovider \
		deploy/test_deploy.py deploy/test_emulator.py deploy/test_release.py deploy/test_install.py

.PHONY: bench
bench: ## nightly: measure the handlers beside the smallest possible function, in one run
	go test -run '^$$' -bench . -benchmem ./local/bench

.PHONY: soak
soak: ## nightly: break everything at random for MINUTES (3), then account for every message; ARGS=-race
	go test -count=1 -timeout 0 -v -run '^TestSoak$$' $(ARGS) ./local/soak -minutes $${MINUTES:-3}

.PHONY: lint
lint: ## test: hold the Go code to the rules of .golangci.yml
	@# A cache of its own: the shared one answers with the paths of another clone, which the rules by path do not match.
	GOLANGCI_LINT_CACHE="$(CURDIR)/build/lint" go run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.12.0 run ./...

.PHONY: vulnerabilities
vulnerabilities: ## nightly: look for known vulnerabilities in what is called (needs the internet)
	go run golang.org/x/vuln/cmd/govulncheck@v1.9.0 ./...

.PHONY: reproducible
reproducible: ## nightly: build what is published a second time, everything anew, and compare
	go test -count=1 -timeout 30m -v -run '^TestTheSameSource' ./local/build -fresh
	VERSION=$(VERSION) DIST=build/one deploy/release.sh
	GOCACHE="$$(mktemp -d)" VERSION=$(VERSION) DIST=build/another deploy/release.sh
	deploy/publish.sh compare build/one build/another

.PHONY: package
package: build ## deploy: put what install.sh installs into build/package: both functions' archives, the templates, the script
	rm -rf build/package
	cp -R deploy/install build/package
	cp LICENSE build/package
	go run ./deploy/release templates build/package
	for name in http queue; do go run ./deploy/release zip "build/$$name" "build/package/$$name.zip" || exit; done

.PHONY: release
release: ## deploy: build what is published into dist/: the package, ops for each system, bills of materials, checksums
	VERSION=$(VERSION) deploy/release.sh

.PHONY: fuzz
fuzz: ## test: fuzz everything that reads foreign bytes, FUZZTIME each (10s); GUIDED=no starts sooner and finds less
	GUIDED=$(GUIDED) .ci/fuzz
