# `make` alone lists the targets.
GO ?= go
SHELL := /bin/bash

# Pure Go wherever it is possible: no C compiler is needed and the binary is static.
export CGO_ENABLED ?= 0

.PHONY: help build test race lint fuzz eval bench interop mutate crash cluster year demo check clean

help: ## list the targets
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

# The tag ne leaves gse's own dictionaries out, which are not used: docs/adr/0003-binary-size.md.
BINARY ?= bin/cundang
build: ## build bin/cundang
	$(GO) build -trimpath -tags ne -ldflags=-w -o $(BINARY) ./cmd/cundang

test: ## all tests; what was skipped and why is in bin/test.log
	@mkdir -p bin
	@$(GO) test -v ./... 2>&1 | tee bin/test.log | grep --line-buffered -E '^(ok|FAIL|panic:|--- FAIL|    --- FAIL)'; \
	  status=$${PIPESTATUS[0]}; \
	  if [ $$status -ne 0 ]; then grep -E -B2 -A25 -e '--- FAIL|^panic:|\[build failed\]|^#' bin/test.log | head -300; fi; \
	  exit $$status

race: ## all tests under the race detector (needs a C compiler)
	CGO_ENABLED=1 $(GO) test -race ./...

lint: ## gofmt, go vet, staticcheck
	@out=$$(gofmt -l .); if [ -n "$$out" ]; then echo "gofmt: $$out"; exit 1; fi
	$(GO) vet ./...
	$(GO) tool staticcheck ./...

FUZZTIME ?= 30s
fuzz: ## every fuzz target for FUZZTIME (30s)
	@grep -rl --include=*_test.go '^func Fuzz' . | grep -v /internal/interop/ | xargs -n1 dirname | sort -u | while read dir; do \
	  for f in $$(grep -h '^func Fuzz' $$dir/*_test.go | sed -E 's/func (Fuzz[A-Za-z0-9_]*).*/\1/'); do \
	    echo "$$dir $$f"; $(GO) test $$dir -run '^$$' -fuzz "^$$f$$" -fuzzminimizetime 5x -fuzztime $(FUZZTIME) || exit 1; \
	  done; \
	done

eval: ## the gate of every heuristic: extraction and search against their floors
	$(GO) run ./internal/eval/extract
	$(GO) run ./internal/eval/search
	$(GO) run ./internal/eval/copies

bench: ## the figures of docs/performance.md
	$(GO) run ./internal/bench

interop: ## what other tools say of our archives (installs them, skips what it cannot)
	@set -o pipefail; cd internal/interop && $(GO) test -count=1 -v ./... | grep -E '^(=== RUN|--- |ok|FAIL|PASS|    .*skip)' 

MUTATE ?= ./archive/warc ./archive/cdx ./archive/httpmsg ./crawler/robots ./crawler/frontier ./crawler/judgement \
	./internal/urlkey
mutate: ## change the code of MUTATE in many ways: do its tests notice? (85 % must be killed)
	@for p in $(MUTATE); do echo "$$p"; \
	  $(GO) run github.com/go-gremlins/gremlins/cmd/gremlins@v0.5.0 unleash --timeout-coefficient 10 --threshold-efficacy 85 $$p || exit 1; done

crash: ## kill a writer 1,000 times and damage what it had not synced
	$(GO) run ./internal/crashtest

cluster: ## real OpenSearch nodes from Maven Central: the contract of engines, searches while a node is killed (needs java and mvn)
	$(GO) run ./internal/clustertest $(ARGS)

year: ## follow a made-up web of 40 sites for a year, every template trick played (YEAR="-year.sites 8" for less)
	$(GO) test ./internal/e2e -run '^TestYear$$' -v -count 1 -timeout 24h -year.days 365 -year.sites 40 $(YEAR)

demo: ## the main job: crawl a made-up association web, archive, index, search, serve
	$(GO) run ./cmd/cundang demo $(ARGS)

check: lint test eval ## what CI runs

clean: ## remove what was built
	rm -rf bin
