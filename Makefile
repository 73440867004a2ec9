# Everything happens in .venv; a GPU or another build of torch: make demo TORCH=...
PYTHON ?= python3
TORCH ?= torch==2.13.0
BIN := .venv/bin
WEB := src/signnet/web
MODULES := $(WEB)/node_modules/.package-lock.json

.PHONY: demo test test-fast trust pictures check format docs site-docs licences release bench \
	bench-accuracy web npm font clean

demo: .venv/train font  ## learn invented signs, judge strangers, teach, refuse
	rm -rf demo
	$(BIN)/signnet demo demo

test: .venv/dev font  ## all tests
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -rs -n 2 --dist loadfile \
		--ignore-glob 'tests/web/test_page*.py'
	$(BIN)/python -m pytest -rs tests/web/test_page*.py

test-fast: .venv/dev font  ## the tests that take less than two minutes together
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -q -n 2 --dist loadfile -m 'not slow'

trust: .venv/dev font  ## kill and fuzz it for minutes; an hour or more with LONG=1
	OMP_NUM_THREADS=1 $(BIN)/python trust/kills.py $(if $(LONG),--long)
	OMP_NUM_THREADS=1 $(BIN)/python trust/fuzz.py $(if $(LONG),--inputs 1000000)
	OMP_NUM_THREADS=1 $(BIN)/python trust/films.py --damaged $(if $(LONG),600,48)

pictures: .venv/dev web site-docs  ## take a picture of every page in every state, with axe's word on it
	OMP_NUM_THREADS=1 $(BIN)/python trust/pages.py --out pictures

check: .venv/dev web  ## format, lint, types, licences, documentation (needs npm)
	$(BIN)/python -m ruff format --check
	$(BIN)/python -m ruff check
	$(BIN)/python -m pyright --pythonpath $(BIN)/python
	$(BIN)/python -m cogapp --check $(GENERATED)
	$(BIN)/python release/licences.py --check
	$(MAKE) --no-print-directory site-docs
	npm run --silent --prefix $(WEB) check

format: .venv/dev web  ## format the Python, and the JavaScript, CSS and HTML of the page
	$(BIN)/python -m ruff format
	npm run --silent --prefix $(WEB) format

docs: .venv/dev  ## write the generated parts of the documents
	$(BIN)/python -m cogapp -r $(GENERATED)

site-docs: .venv/dev  ## build the documentation as a site, and check its links
	$(BIN)/python -m zensical build --strict

licences: .venv/dev  ## list the licences of all that signnet installs
	$(BIN)/python release/licences.py

release: web  ## build, try and describe the packages: dist/, in environments of their own
	rm -rf dist
	$(PYTHON) release/build.py dist

bench: .venv/dev  ## measure how long recognition takes on this machine
	$(BIN)/python benchmarks/latency.py

GENERATED := docs/commands.md docs/design.md

BDSL ?= ../shared/data/bdsl55
WLASL ?= ../shared/data/wlasl100_hands
VIDEOS ?= ../shared/data/wlasl_videos

PLAN := baseline,plan_architecture,plan_augmentation,optimized,multimodal
OTHERS := spoter,conv_transformer,bilstm,conv_exemplars
STREAMS := pose_only/exemplars,hands_only/exemplars,whole_body/exemplars
STREAMS := $(STREAMS),all_streams/exemplars,with_depth/exemplars,no_distances/exemplars
FRAMES := not_trimmed/exemplars,frames_32/exemplars
VARIANTS := no_tilt/exemplars,mirrored/exemplars

bench-accuracy: .venv/dev  ## measure the tables of docs/results.md (hours); needs the data
	mkdir -p bench
	$(BIN)/signnet import bdsl-npz $(BDSL)/clips bench/bdsl55
	$(BIN)/signnet import hands-npz $(WLASL) bench/wlasl100
	$(BIN)/signnet extract $(VIDEOS) bench/wlasl9 --index $(VIDEOS)/index.csv
	cp -f $(BDSL)/val.txt bench/val.txt
	$(MEASURE) --recipes default,extratrees \
		--protocols P1-list,P2,P3,P3-back,P5,P4,P1,P4-folds
	$(MEASURE) --recipes default/exemplars --seeds 5 --protocols P1-list,P2,P3,P4,P5
	$(MEASURE) --recipes $(PLAN),$(OTHERS) --protocols P1-list,P3,P2
	$(MEASURE) --recipes $(STREAMS),$(FRAMES),$(VARIANTS) --protocols P2,P3,P5
	$(BIN)/python benchmarks/tables.py bench/rows.jsonl

MEASURE = $(BIN)/python benchmarks/accuracy.py --data bench --out bench/rows.jsonl

web: $(MODULES)  ## fetch what the pages carry: font, tracker, runtime (needs npm)

$(MODULES): $(WEB)/package-lock.json $(WEB)/vendor.mjs
	npm ci --prefix $(WEB)
	touch $@

npm: web  ## pack the engine for JavaScript developers: dist/signnet-*.tgz
	rm -rf dist/npm
	node $(WEB)/pack.mjs dist/npm
	cd dist && npm pack --silent ./npm

font:
	@if command -v npm >/dev/null; then $(MAKE) --no-print-directory web; fi || \
		echo "no browser files; reports use a font of the system, no live page"

.venv/train: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install $(TORCH)
	$(BIN)/python -m pip install -e '.[train]'
	touch $@

.venv/dev: .venv/train
	$(BIN)/python -m pip install -e '.[dev]'
	touch $@

clean:
	rm -rf .venv .cache demo bench dist site-docs $(WEB)/node_modules $(WEB)/vendor
