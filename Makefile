# make alone lists the targets.
GO ?= go

.PHONY: help build test race lint fuzz eval bench demo check clean

help: ## list the targets
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

build: ## build bin/cundang
	$(GO) build -trimpath -o bin/cundang ./cmd/cundang

test: ## all tests
	$(GO) test ./...

race: ## all tests under the race detector
	$(GO) test -race ./...

lint: ## gofmt, go vet, staticcheck
	@out=$$(gofmt -l .); if [ -n "$$out" ]; then echo "gofmt: $$out"; exit 1; fi
	$(GO) vet ./...
	$(GO) tool staticcheck ./...

demo: ## the main job: crawl a made-up association web, archive, index, search, serve
	$(GO) run ./cmd/cundang demo $(ARGS)

check: lint test ## what CI runs

clean: ## remove what was built
	rm -rf bin
