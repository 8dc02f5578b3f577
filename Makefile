# First Order.  `make` lists the commands; each sets up what it needs in .venv, once.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
REQUIREMENTS ?= requirements.txt
# One thread each: the tests run in parallel, and two threads on a busy core are slower than one.
export OMP_NUM_THREADS ?= 1
export PYTHONWARNINGS ?= ignore:Debugger warning

.DEFAULT_GOAL := help
.PHONY: help setup book test lab claims grade record constraints

help: ## list the commands
	@echo "First Order — commands:"
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 16

$(VENV)/ready: $(REQUIREMENTS) constraints.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "First Order needs Python 3.11 or newer; '$(PYTHON)' is $$($(PYTHON) --version 2>&1)."; \
	    echo "Install one and name it: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	@echo "Setting up $(VENV) with what $(REQUIREMENTS) names (a few minutes, once) …"
	@$(PYTHON) -m venv $(VENV) || \
	  { echo "Python's venv module is missing. Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r $(REQUIREMENTS) && \
	 $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e . || \
	  { echo "The packages could not be installed (see above). With no network, try again later:"; \
	    echo "what was installed is kept. With a proxy, set HTTPS_PROXY."; exit 1; }
	@touch $@

setup: $(VENV)/ready
	@$(BIN)/python -m firstorder.figures.build

book: setup ## build the book to _build/html/index.html
	@$(BIN)/jupyter-book build . -W -n --keep-going -q
	@echo "The book is built: open _build/html/index.html"

test: setup ## run every test: package, notebooks, labs, claims, built book, browser
	@$(BIN)/python -m pytest $(TESTS)

.PHONY: pdf offline
pdf: book ## print the whole book to build/first-order.pdf (needs Chromium)
	@$(BIN)/python -m tools.pdf

offline: book ## pack the built book into build/first-order-offline.zip
	@$(BIN)/python -m tools.offline

# Not with what is pinned: each in an environment of its own, which its next run makes anew.
MODULES := arithmetic claims clipping data figures palette problems rules simulate theory
.PHONY: lowest newest
lowest: ## test the package with the oldest versions that pyproject.toml allows
	@rm -rf build/lowest && mkdir -p build
	@$(PYTHON) -m tools.versions lowest > build/lowest.txt
	@$(MAKE) test VENV=build/lowest REQUIREMENTS=build/lowest.txt \
	  TESTS="$(MODULES:%=tests/test_%.py)"

newest: ## test everything with the newest versions of what requirements.txt names
	@rm -rf build/newest && mkdir -p build
	@$(PYTHON) -m tools.versions newest > build/newest.txt
	@$(MAKE) test VENV=build/newest REQUIREMENTS=build/newest.txt

.PHONY: release
release: setup ## write exercises/ from solutions/, and pack what students get into build/
	@mkdir -p build
	@$(BIN)/python -m firstorder release --bundle build/first-order.zip

lab: setup ## open the course in JupyterLab
	@$(BIN)/python -m firstorder lab

.PHONY: links
links: setup ## follow every link that leads out of the book (needs the network)
	@$(BIN)/jupyter-book build . --builder linkcheck --keep-going -q --path-output build/links

claims: $(VENV)/ready ## check that every displayed equation is what was proved (under a minute)
	@$(BIN)/python -m firstorder.claims

grade: $(VENV)/ready ## grade a class: make grade SUBMISSIONS=dir LAB=NN_slug OUT=dir
	@[ -n "$(SUBMISSIONS)" ] && [ -n "$(LAB)" ] && [ -n "$(OUT)" ] || \
	  { echo "Say what to grade: make grade SUBMISSIONS=dir LAB=01_gradient_descent OUT=dir"; exit 2; }
	@$(BIN)/python -m firstorder grade "$(SUBMISSIONS)" --lab "$(LAB)" --out "$(OUT)" $(OPTIONS)

record: setup ## measure on real MNIST again what the pages quote
	@$(BIN)/python -m tools.record

constraints: $(VENV)/ready ## write down the versions of everything that requirements.txt pulls in
	@{ echo "# What the packages of requirements.txt pull in, pinned (made by \`make constraints\`)."; \
	   $(BIN)/python -m pip freeze --exclude-editable | grep -v -E '^(torch|triton|nvidia-.*|cuda-.*)=='; } > constraints.txt
