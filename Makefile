# Copyright 2026 The Musubi Authors
# SPDX-License-Identifier: Apache-2.0

# Every target runs alone on a fresh machine: it installs what it lacks (Debian
# and its relatives, as root; elsewhere it says what to install) and starts and
# stops its own servers.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
.SILENT: checks cross fmt-check
.DEFAULT_GOAL := help

tool := go tool -modfile=tools/go.mod
release := -trimpath -ldflags='-s -w'
PLATFORMS ?= linux/amd64 linux/arm64 windows/amd64 windows/arm64 darwin/amd64 darwin/arm64
FUZZ ?= 20000x
SCHEDULES ?= 100000
DATASETS ?= 1000000
PROCESSES ?= 1000,100000,1000000
BENCHTIME ?= 2s
CASE ?= sqlite
SOAK ?= 30m
SOAK_STORE ?= sqlite

# The race detector makes SQLite about twelve times slower, the harnesses start
# programs that are built without it, and the rules at the root run alone.
norace := /(cmd|examples|internal/(store|simulation|killtest|conformance|interop|bench|testkit))(/|$$)|/musubi$$

.PHONY: help
help: ## print this help
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-17s %s\n", $$1, $$2}'

.PHONY: check
check: build fmt-check lint test race ## all that a change must pass before it is shown to others

.PHONY: build
build: ## build everything, and the binary into bin/ (lint has go vet in it)
	go build ./...
	mkdir -p bin
	CGO_ENABLED=0 go build $(release) -o bin/ ./cmd/musubi

.PHONY: cross
cross: ## build for every system in PLATFORMS, the binaries into dist/
	mkdir -p dist
	for platform in $(PLATFORMS); do
	  os=$${platform%/*} arch=$${platform#*/} suffix=
	  [ $$os != windows ] || suffix=.exe
	  CGO_ENABLED=0 GOOS=$$os GOARCH=$$arch go build -trimpath ./... # as below, so that it is compiled once
	  CGO_ENABLED=0 GOOS=$$os GOARCH=$$arch go build $(release) -o dist/musubi-$$os-$$arch$$suffix ./cmd/musubi
	  echo "$$platform: $$(wc -c <dist/musubi-$$os-$$arch$$suffix) bytes"
	done

.PHONY: test
test: ## run all tests; those for PostgreSQL get a server of their own
	hack/with-postgres go test ./...

# What is longer with MUSUBI_FULL=1. A test at the root compares the lists.
full_packages := ./connector ./examples/battery ./examples/chemicals ./internal/store ./internal/wire ./transfer ./trust
full_tests := TestBenchmarkNegotiation TestCrossings TestMutatedPoliciesKeepTheLaw TestMutationsGetTheVerdictOfTheSchema TestOwnDataMatchesFormula TestPostgresContractTogether TestRevocation TestSchemas TestSize TestStop TestSupplierDown
space := $(subst ,, )

.PHONY: test-full
test-full: ## the long versions of the tests that have one; sim, kill and test-dps are targets of their own
	MUSUBI_FULL=1 hack/with-postgres hack/must-test -timeout 15m -run '^($(subst $(space),|,$(full_tests)))$$' $(full_packages)

.PHONY: checks
checks: ## prove each numbered check of a proof: refused by its number, its mended twin accepted
	out=$$(mktemp); trap 'rm -f "$$out"' EXIT
	go test -count=1 -run '^Test[VC][0-9]' -v ./trust/... ./connector >"$$out" || { grep -E '^ *--- FAIL|_test.go' "$$out"; exit 1; }
	if grep -- '--- SKIP' "$$out"; then exit 1; fi
	for of in refused accepted; do
	  n=$$(grep -cE "^    --- PASS: Test[VC][0-9]{2}_[^/]+/$$of " "$$out")
	  echo "$$n of 112 checks: $$of"
	  [ "$$n" = 112 ]
	done

.PHONY: race
race: ## run the tests of what is concurrent under the race detector
	hack/need gcc
	CGO_ENABLED=1 go test -race -short -timeout 10m $$(go list ./... | grep -vE '$(norace)')

.PHONY: sim
sim: ## simulate SCHEDULES schedules of faults and crashes
	MUSUBI_FULL=1 hack/must-test -run Simulation -v -timeout 20m ./internal/simulation -schedules=$(SCHEDULES)

.PHONY: kill
kill: ## kill real processes during 500 negotiations with transfers, on both stores
	MUSUBI_FULL=1 hack/with-postgres hack/must-test -v -timeout 20m -skip 'Replicas|Bulk' ./internal/killtest/...

.PHONY: bulk
bulk: ## download 2 GiB while both connectors are killed and started again five times (MUSUBI_BULK_BYTES)
	MUSUBI_FULL=1 hack/must-test -v -timeout 10m -run '^TestBulk$$' ./internal/killtest

.PHONY: replicas
replicas: ## share work among replicas: kill one, stop one, take their database away (MUSUBI_REPLICAS_JOBS=1000)
	# A disk that can be full has to be mounted, which takes root: without it half of this would be skipped.
	MUSUBI_FULL=1 MUSUBI_REQUIRE=postgres,mount hack/with-postgres hack/must-test -v -timeout 20m -run Replicas ./internal/killtest

.PHONY: fuzz
fuzz: ## feed each fuzz target FUZZ inputs
	hack/fuzz $(FUZZ)

.PHONY: tck-dsp
tck-dsp: ## run the official Dataspace Protocol kit against SQLite, and against two replicas on PostgreSQL
	hack/need java
	hack/with-postgres go run ./internal/conformance/cmd/tckdsp

.PHONY: test-dps
test-dps: ## run what the Data Plane Signaling kit tests, with its ids
	hack/test-dps

.PHONY: tck-dcp
tck-dcp: ## run the official Decentralized Claims Protocol kit against verifier, holder and issuer
	hack/need java
	go run ./internal/conformance/cmd/tckdcp

.PHONY: interop-edc
interop-edc: ## run beside a real Eclipse EDC, each of us in both roles, and look at both sides
	hack/need java
	go run ./internal/interop/cmd/edc

.PHONY: interop-edc-dcp
interop-edc-dcp: ## run beside a real Eclipse EDC with verifiable credentials, in both roles, and show what either refuses
	hack/need java python
	go run ./internal/interop/cmd/edcdcp

.PHONY: lint
lint: ## run golangci-lint (the first time it is compiled, which takes a few minutes)
	$(tool) golangci-lint run ./...

.PHONY: fmt
fmt: ## format all Go files
	$(tool) gofumpt -l -w .

.PHONY: fmt-check
fmt-check: ## fail if a Go file is not formatted
	unformatted=$$($(tool) gofumpt -l .)
	[ -z "$$unformatted" ] || { printf 'run make fmt; not formatted:\n%s\n' "$$unformatted"; exit 1; }

.PHONY: bench-idle
bench-idle: ## measure size, start and idle memory of the binary against their limits
	go run ./internal/bench/idle

.PHONY: bench-size
bench-size: ## measure pages out of DATASETS datasets, a large publication, and messages among up to a million processes (needs 20 GB in TMPDIR, half an hour)
	hack/with-postgres hack/must-bench 2 -bench 'Size$$' -benchtime=1x -timeout 60m ./internal/store -datasets=$(DATASETS)
	hack/with-postgres hack/must-bench 2 -bench 'Growth$$' -benchtime=1x -timeout 60m ./connector -processes=$(PROCESSES)

.PHONY: bench-negotiation
bench-negotiation: ## measure negotiations of two processes on both stores, by each way of proving
	hack/with-postgres hack/must-bench 6 -bench Negotiation -benchtime $(BENCHTIME) ./connector

.PHONY: bench-profile
bench-profile: ## say where the CPU time of CASE of bench-negotiation goes
	dir=$$(mktemp -d); trap 'rm -rf "$$dir"' EXIT
	MUSUBI_BENCH_PROFILE=$$dir hack/with-postgres hack/must-bench 1 -bench 'Negotiation/^$(CASE)$$' -benchtime 1000x ./connector
	go run ./internal/bench/where -per 1000 "$$dir"/*.cpu.pprof

.PHONY: bench-dataplane
bench-dataplane: ## measure our data plane beside nginx as a reverse proxy of the same source
	hack/need nginx
	go run ./internal/bench/dataplane $(DATAPLANE)

.PHONY: bench-peers
bench-peers: ## measure the same work done by two of ours and by two EDCs, in memory and on PostgreSQL
	hack/need java
	hack/with-postgres go run ./internal/interop/cmd/peers

.PHONY: soak
soak: ## negotiate for SOAK at half the reached rate on SOAK_STORE, and judge what grows
	MUSUBI_SOAK=$(SOAK) MUSUBI_SOAK_STORE=$(SOAK_STORE) hack/with-postgres hack/must-test -count=1 -run '^TestSoak$$' -timeout 0 -v ./connector

.PHONY: bench
bench: ## run all benchmarks once
	hack/must-bench 1 -bench . -benchmem ./...

.PHONY: ci
ci: ## what continuous integration runs
	.ci/run
