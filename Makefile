# Every command a newcomer or the build needs. `make` alone lists them.
PORT ?= 8000
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
	"$$python" -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$python"; break; }; done)
PYTHON313 ?= $(shell for python in python3.13 python3 $$HOME/.pyenv/versions/3.13*/bin/python3.13 $$(uv python find 3.13 2>/dev/null); do \
	"$$python" -c 'import sys, venv; sys.exit(sys.version_info[:2] != (3, 13))' 2>/dev/null && { echo "$$python"; break; }; done)

.PHONY: help run test setup check bench package generated clean
.DELETE_ON_ERROR:

help:  ## list these targets
	@sed -n 's/^\([a-z-]*\):.*## /\1	/p' $(MAKEFILE_LIST)

run: setup  ## serve on this machine with the shipped policies; PORT=8000
	.venv/bin/python -m chalicelib serve --port $(PORT)

test: setup check  ## check, then all tests
	.venv/bin/python -m pytest -n 2 --dist loadfile -rs

setup: .venv/installed  ## the environment alone

check: setup  ## style, types and the import contract
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/lint-imports

bench: setup  ## measure; a table and JSON lines
	.venv/bin/python -m bench

package: .venv-package/installed setup  ## the Lambda artefact and its template in dist/package; needs Python 3.13
	.venv-package/bin/python -m infra.package
	.venv/bin/cfn-lint dist/package/sam.json

generated: setup  ## write docs/openapi.json and docs/schemas anew from the code
	.venv/bin/python -m chalicelib openapi docs/openapi.json
	for name in policy overlay cases; do .venv/bin/python -m chalicelib policy schema $$name > docs/schemas/$$name-1.schema.json || exit 1; done

clean:  ## remove what can be made again; recorded data in .data stays
	rm -rf .venv .venv-package .cache dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/installed: requirements.txt requirements-package.txt requirements-dev.txt
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer with its venv module is needed (Debian: apt-get install python3 python3-venv). Another one: make PYTHON=/path/to/python3" >&2; exit 1; }
	$(PYTHON) -m venv .venv
	.venv/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

.venv-package/installed: requirements.txt requirements-package.txt
	@test -n "$(PYTHON313)" || { $(or $(PYTHON),python3) -m infra.package; exit 2; }
	$(PYTHON313) -m venv .venv-package
	.venv-package/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-package.txt
	@touch $@
