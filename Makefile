# make demo     restores a noisy photograph that comes with scikit-image; writes demo.png
# make test     everything that CI runs; CONTRIBUTING.md says how long it takes
# make test-all the same for every model of the zoo; takes about an hour
# make docs     writes the generated pages of docs/ anew; needs what `make test` installs
# make site     builds the site of docs/ in build/site; needs the same
# make site-full builds the site after `make figures`
# make figures  draws the figures of docs/ anew
# make page     serves the page of docs/demo at http://127.0.0.1:8000; another port: make page PORT=8080
# make bench-compare  profiles all families, and names what is slower than in docs/profile.csv; or compares
#                     two profiles: make bench-compare BEFORE=one.csv AFTER=other.csv
# Each sets up .venv by itself. Another Python: make test PYTHON=python3.12

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SOURCES := $(shell find cli pde images layers zoo tasks training export explain bulk -name '*.py' -o -name '*.json' -o -name '*.toml' -o -name '*.h5')
# Written last by `npm ci`, so that it stands for the folder.
NODE_MODULES := docs/demo/node_modules/.package-lock.json
PORT ?= 8000
export TF_CPP_MIN_LOG_LEVEL ?= 3
# Without bytecode, each of many processes would compile the modules of TensorFlow anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test test-all golden docs site site-full reproduce figures page bench-compare clean

demo: $(VENV)/.demo-dependencies $(VENV)/.package
	$(BIN)/imagepde restore skimage:camera demo.png --model trd.gauss25 --noise 25

# Without npm the test of the page is skipped, and says so; all else is tested.
# A process that has nothing left to do takes tests from the other.
test test-all: $(VENV)/.test-dependencies $(VENV)/.package $(if $(shell command -v npm 2>/dev/null),$(NODE_MODULES))
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python -m pytest --numprocesses 2 --dist worksteal $(if $(filter test-all,$@),--every-model)

golden: $(VENV)/.test-dependencies $(VENV)/.package
	PYTHONPATH=tests $(BIN)/python -m checks.golden

docs: $(VENV)/.test-dependencies $(VENV)/.package
	$(BIN)/python -c 'from pathlib import Path; from imagepde.commands import show; show.write_kept(Path("cli/commands", show.KEPT))'
	PYTHONPATH=docs $(BIN)/python -m pages.choose
	PYTHONPATH=docs $(BIN)/python -m pages.models > docs/models.md
	PYTHONPATH=docs $(BIN)/python -m pages.cards docs
	PYTHONPATH=docs $(BIN)/python -m pages.gallery docs
	PYTHONPATH=docs $(BIN)/python -m pages.learned_diffusion > docs/learned_diffusion_results.md
	PYTHONPATH=docs $(BIN)/python -m pages.diffnet > docs/diffnet_results.md
	PYTHONPATH=docs $(BIN)/python -m pages.blade docs > docs/blade_results.md
	PYTHONPATH=docs $(BIN)/python -m pages.problems docs > docs/problem_results.md
	PYTHONPATH=docs $(BIN)/python -m pages.reaction_diffusion docs > docs/reaction_diffusion_results.md
	$(BIN)/python benchmarks/export.py page docs/exports.csv > docs/exports.md
	$(BIN)/python benchmarks/exported_operations.py > docs/exported_operations.md
	$(BIN)/python benchmarks/run_all.py > docs/benchmarks.md
	$(BIN)/python benchmarks/profile_families.py --page docs/profile.csv > docs/profile.md

# TABLE=NAME, and DATA=FOLDER with the sets of pictures where the table needs them.
reproduce: $(VENV)/.test-dependencies $(VENV)/.package
	@PYTHONPATH=docs $(BIN)/python -m pages.reproduce '$(TABLE)' '$(DATA)'

BEFORE ?= docs/profile.csv
AFTER ?= build/profile.csv

# A profile that is named is compared as it is; without AFTER one is made.
bench-compare: $(VENV)/.test-dependencies $(VENV)/.package
	@mkdir -p build
	$(if $(filter build/profile.csv,$(AFTER)),$(BIN)/python benchmarks/profile_families.py $(AFTER))
	$(BIN)/python benchmarks/compare.py $(BEFORE) $(AFTER)

# The same with every picture drawn and every tutorial run anew; takes about an hour.
site-full: figures site

# Warnings are errors: a link that leads nowhere is one.
site: $(VENV)/.test-dependencies $(VENV)/.package
	$(BIN)/mkdocs build --quiet

figures: $(VENV)/.test-dependencies $(VENV)/.package
	PYTHONPATH=docs $(BIN)/python -m pages.gallery docs --pictures
	PYTHONPATH=docs:benchmarks $(BIN)/python -m pages.plots docs
	PYTHONPATH=docs $(BIN)/python -m pages.cards docs --pictures
	PYTHONPATH=docs $(BIN)/python -m pages.noise docs/figures
	PYTHONPATH=docs $(BIN)/python -m pages.files docs/figures
	PYTHONPATH=docs $(BIN)/python -m pages.notebooks docs/figures
	$(BIN)/imagepde restore skimage:chelsea docs/figures/restored.jpg --noise 25
	$(BIN)/imagepde explain activations docs/figures/activations.png
	$(BIN)/imagepde explain kernels foe_s.gauss25 docs/figures/kernels_foe_s.png
	$(BIN)/imagepde explain kernels foe_rb.gauss25 docs/figures/kernels_foe_rb.png
	$(BIN)/imagepde explain influence trd.gauss25 docs/figures/influence_trd.png --stage 4
	$(BIN)/imagepde explain diffusivity docs/figures/last_diffusivity.png ka.gauss25 foe_s.gauss25 foe_rb.gauss25 unet_diffusivity.gauss25
	$(BIN)/imagepde explain curves docs/figures/curves.png '*.gauss*'
	$(BIN)/imagepde explain diffnet.pm_inverse skimage:camera docs/figures/diffnet_states.png --degrade --saliency
	$(BIN)/imagepde explain linear linear_diffusion.heat docs/figures/linear_diffusion.png
	$(BIN)/imagepde explain rings docs/figures/rings.png
	$(BIN)/imagepde explain filters blade.tv_flow docs/figures/blade_filters_tv_flow.png
	$(BIN)/imagepde explain filters blade.perona_malik docs/figures/blade_filters_perona_malik.png
	$(BIN)/imagepde explain filters blade.ced docs/figures/blade_filters_ced.png
	$(BIN)/imagepde explain filters blade.cahn_hilliard docs/figures/blade_filters_cahn_hilliard.png
	$(BIN)/imagepde explain features blade.ced skimage:camera docs/figures/blade_features.png
	$(BIN)/imagepde explain attack blade_stable.tv_flow skimage:camera docs/figures/attack.png --steps 20
	$(BIN)/imagepde explain surrogate skimage:camera docs/figures/blade_tv_flow.png blade.tv_flow blade_flux.tv_flow
	$(BIN)/imagepde explain surrogate skimage:camera docs/figures/blade_perona_malik.png blade.perona_malik blade_flux.perona_malik
	$(BIN)/imagepde explain surrogate skimage:camera docs/figures/blade_ced.png blade.ced blade_flux.ced
	$(BIN)/imagepde explain surrogate skimage:camera docs/figures/blade_cahn_hilliard.png blade.cahn_hilliard blade_flux.cahn_hilliard
	$(BIN)/imagepde explain surrogate skimage:astronaut docs/figures/blade_colour.png blade_flux.ced
	$(BIN)/imagepde restore skimage:astronaut docs/figures/inpainting_eed.png --model inpainting.eed --known 10
	$(BIN)/python examples/tomography.py docs/figures/tomography.png
	$(BIN)/python examples/mri.py docs/figures/mri.png
	$(BIN)/python examples/optimal_masks.py docs/figures/optimal_masks.png
	$(BIN)/imagepde inpaint skimage:astronaut docs/figures/inpaint.png --known 10
	$(BIN)/imagepde restore skimage:astronaut docs/figures/inpainting_homogeneous.png --model inpainting.homogeneous --known 10

page: docs/demo/models/models.json $(NODE_MODULES)
	$(BIN)/python -m http.server --bind 127.0.0.1 --directory docs/demo $(PORT)

clean:
	rm -rf $(VENV) build *.egg-info .pytest_cache .ruff_cache demo.png
	rm -rf docs/demo/models docs/demo/node_modules

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "imagepde needs Python 3.11 or newer; try: make PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv $(VENV)

# uv unpacks packages on all cores, pip one after the other; where there is no uv, pip does it all. What
# is imported is compiled when it is, on all cores that import, and kept.
UV := uv==0.13.9
INSTALL = @$(BIN)/python -m pip install --quiet --disable-pip-version-check $(UV) 2> /dev/null \
	&& $(BIN)/uv pip install --quiet --python $(BIN)/python
OR_PIP = || $(BIN)/python -m pip install --quiet --no-compile --disable-pip-version-check
export PYTHONDONTWRITEBYTECODE =

# Dependencies are installed once; the package again whenever a file of it has changed. It is
# installed as a user would have it, so that a file that setup.cfg forgets is missing here too.
$(VENV)/.demo-dependencies: setup.cfg pyproject.toml | $(BIN)/python
	$(INSTALL) '.[cpu]' $(OR_PIP) '.[cpu]'
	@rm -rf build imagepde.egg-info
	@touch $@

$(VENV)/.test-dependencies: setup.cfg pyproject.toml | $(BIN)/python
	$(INSTALL) '.[cpu,dev]' $(OR_PIP) '.[cpu,dev]'
	@rm -rf build imagepde.egg-info
	@touch $@

$(VENV)/.package: $(SOURCES) setup.cfg pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --force-reinstall .
	@rm -rf build imagepde.egg-info
	@touch $@

docs/demo/models/models.json: docs/demo/prepare.py $(VENV)/.test-dependencies $(VENV)/.package
	$(BIN)/python docs/demo/prepare.py

$(NODE_MODULES): docs/demo/package.json docs/demo/package-lock.json
	cd docs/demo && npm ci --silent
	@touch $@
