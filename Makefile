# swarmlab's chores. `make` alone explains itself.

GO            ?= go
GOLANGCI_LINT ?= $(GO) run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.5.0
GOVULNCHECK   ?= $(GO) run golang.org/x/vuln/cmd/govulncheck@v1.1.4
FUZZTIME      ?= 30s

.DEFAULT_GOAL := help

.PHONY: help
help: ## what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: build
build: ## the command, as ./swarmlab
	$(GO) build -o swarmlab ./cmd/swarmlab

.PHONY: test
test: ## everything that must hold: vet, and all tests
	$(GO) vet ./...
	$(GO) test -timeout 20m ./...

.PHONY: race
race: ## all tests, and a small swarm, under the race detector
	$(GO) test -race -short -timeout 30m ./...

.PHONY: check
check: fmt-check test race lint ## what to run before a release: format, tests, race, lint

.PHONY: real-things
real-things: ## what the tests against real browsers and the real library need: npm packages, Debian's Chromium and ffmpeg
	sim/browser/install.sh --browser
	cd sim/oracle/node && npm ci --ignore-scripts --no-audit --no-fund

.PHONY: assets
assets: ## the viewing page's libraries (hls.js, P2P Media Loader), from npm
	sim/browser/install.sh

.PHONY: interop
interop: ## real Chromium pages and virtual viewers in one swarm; installs what is missing (npm, apt-get)
	sim/browser/install.sh --browser
	SWARMLAB_REQUIRE_BROWSER=1 $(GO) test -count=1 -timeout 8m ./sim/browser

.PHONY: crowd
crowd: ## a real page among a hundred virtual viewers on the real clock: does its picture stand? Two minutes of an otherwise idle machine
	sim/browser/install.sh --browser
	SWARMLAB_REQUIRE_BROWSER=1 SWARMLAB_CROWD=1 $(GO) test -count=1 -timeout 8m -v -run TestAHundredVirtualViewersAndAPage ./sim/browser

.PHONY: starved
starved: ## real pages and virtual viewers before an origin that is too slow for them; ten minutes
	sim/browser/install.sh --browser
	SWARMLAB_REQUIRE_BROWSER=1 SWARMLAB_STARVED=1 $(GO) test -count=1 -timeout 15m -v -run TestPagesBeforeAnOriginThatIsTooSlow ./sim/browser

.PHONY: slowlink
slowlink: ## goodput of Chromium's, Pion's and netem's flows on one slow link, side by side; ten minutes, wants a calm machine
	$(GO) run ./sim/browser/slowlink/cmd $(SLOWLINK)

.PHONY: trackers
trackers: ## bittorrent-tracker, aquatic_ws and the embedded tracker under the same load; installs them (npm, cargo). TRACKERS="--rate 2000 ws://..."
	sim/trackerbench/trackers.sh $(TRACKERS)

.PHONY: lint
lint: ## the pinned linters
	$(GOLANGCI_LINT) run ./...

.PHONY: vuln
vuln: ## known vulnerabilities in what we depend on (asks a database on the Internet)
	$(GOVULNCHECK) ./...

.PHONY: fmt
fmt: ## format the code
	gofmt -w $$(git ls-files '*.go')

.PHONY: fmt-check
fmt-check:
	@out=$$(gofmt -l $$(git ls-files '*.go')); test -z "$$out" || { echo "not formatted (make fmt):"; echo "$$out"; exit 1; }

.PHONY: golden
golden: ## write the golden files anew; then read the difference
	$(GO) test ./scenarios ./report ./cmd/... -update

.PHONY: calibrate
calibrate: ## real Chromium viewers and virtual ones, side by side: an hour and a half of an otherwise idle machine
	sim/browser/install.sh --shell
	$(GO) run ./sim/browser/calibrate $(CALIBRATE)

# Counts are given, because under a virtual clock a benchmark cannot tell by itself when it has run for long enough.
.PHONY: bench
bench: ## the figures the README quotes: costs per packet, MB and connection, then whole runs
	$(GO) test -run '^$$' -bench Datagram -benchtime 200000x ./netem
	$(GO) test -run '^$$' -bench 'StreamMB|DataChannelMB|ConnectionOpen|HostOpen' -benchtime 100x ./netem
	$(GO) test -run '^$$' -bench DataChannelMB -benchtime 50x ./sim/packet
	$(GO) test -run '^$$' -bench Connection -benchtime 2x ./sim/packet
	$(GO) test -run '^$$' -bench . ./sim/p2pml/... ./sim/webtorrent
	$(GO) run ./cmd/swarmlab run vod --out results/runs/bench-vod
	$(GO) run ./cmd/swarmlab run live --peers 200 --set run.duration=3m --out results/runs/bench-live-200

# A preset is measured again only if its file is asked for: make baselines PRESETS="live vod".
PRESETS ?= $(basename $(notdir $(wildcard scenarios/*.yaml)))
SEEDS   ?= 10

.PHONY: baselines
baselines: ## results/baselines: every preset (PRESETS) with SEEDS (10) seeds; then read the difference
	@set -e; $(GO) build -o results/runs/swarmlab ./cmd/swarmlab; for p in $(PRESETS); do \
	  results/runs/swarmlab check $$p --seeds $(SEEDS) --update-baseline --out results/runs/baseline-$$p; done

.PHONY: power
power: ## how often check is wrong: the runs behind the table in results/docs/comparing.md, some minutes
	@set -e; $(GO) build -o results/runs/swarmlab ./cmd/swarmlab; \
	p=results/testdata/power; check() { \
	  results/runs/swarmlab check $$p/$$1.yaml --seed $$first --seeds 40 --update-baseline --baseline $$p/$$set$$1-$$2.json \
	    --out results/runs/power-$$set$$1-$$2 --set $$3; }; \
	for set in "" fresh-; do first=1; test -z "$$set" || first=1001; \
	  check vod unchanged p2pml.core.highDemandTimeWindow=15; check vod again p2pml.core.highDemandTimeWindow=15; \
	  check vod worse p2pml.core.highDemandTimeWindow=18; \
	  check live unchanged p2pml.core.highDemandTimeWindow=4; check live again p2pml.core.highDemandTimeWindow=4; \
	  check live worse p2pml.core.highDemandTimeWindow=7; done
	$(GO) test ./results -count=1 -run TestPowerOfTheGate -v

.PHONY: oracle
oracle: ## our core against the released library, in the same world (Node; minutes)
	cd sim/oracle/node && npm ci --ignore-scripts
	mkdir -p results/runs
	$(GO) run ./sim/oracle/compare -out results/runs/oracle.json

# A case whose runs are in results/runs/guide is not run again; make guide AUDIENCES=10,100 leaves the others as they stand, and
# GUIDE='-judge packet' judges all that is run in the packet tier.
AUDIENCES ?= 10,100,1000,10000

.PHONY: guide
guide: ## results/docs/settings-guide.md: settings for live and VOD; all AUDIENCES are an hour of two cores, 10,100 twenty-five minutes
	$(GO) build -o results/runs/guide/guide ./sim/sweep/guide
	results/runs/guide/guide -audiences $(AUDIENCES) $(GUIDE)

.PHONY: planted
planted: ## tune's search on a scenario whose optimum a grid has found: the table of sim/tune/README.md, ten minutes
	$(GO) run ./sim/tune/planted

.PHONY: crossvalidate
crossvalidate: ## the flow tier against the packet tier: presets, 5 seeds; an hour of two cores (CROSSVALIDATE=... for its flags)
	$(GO) run ./sim/crossvalidate/cmd -markdown sim/flow/docs/crossvalidation.md -json results/runs/crossvalidate.json $(CROSSVALIDATE)

.PHONY: scale
scale: ## a swarm's figures against its size, to 10,000 viewers (SCALE='-largest 100000' for more); kept sizes are not run again
	$(GO) run ./sim/flow/scale -docs sim/flow/docs $(SCALE)

.PHONY: fuzz
fuzz: ## every fuzz target for FUZZTIME (30s)
	@set -e; for pkg in $$($(GO) list ./...); do \
	  for target in $$($(GO) test -list '^Fuzz' $$pkg | grep '^Fuzz' || true); do \
	    echo "== $$pkg $$target"; $(GO) test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) $$pkg; \
	  done; done
