# Short names for the project's commands (https://just.systems); each also runs as written.

# style, types, imports and all tests
check:
    bin/test

# pytest alone: just test tests/flows -k quiz
test *arguments="tests":
    bin/test {{arguments}}

# fuzz a reader for some seconds: just fuzz tables 300 (fuzz/README.md)
fuzz target seconds="60":
    nice -n 19 .venv/bin/python -m fuzz.{{target}} {{seconds}}

demo *arguments:
    bin/demo {{arguments}}

format:
    .venv/bin/ruff check --fix
    .venv/bin/ruff format

# rebuild the front end whenever a source changes
watch:
    .venv/bin/python hatch_build.py watch

# the pages' pictures, from a running demo
screenshots:
    .venv/bin/python bin/screenshots

# write the locks anew from pyproject.toml and frontend/package.json (needs uv)
lock *arguments:
    uv pip compile {{lock_options}} pyproject.toml --group build -o requirements.txt {{arguments}}
    uv pip compile {{lock_options}} pyproject.toml --group build --group test --extra postgresql --extra aggregate --extra dask --extra dicom -c requirements.txt -o requirements-dev.txt {{arguments}}
    .venv/bin/python hatch_build.py lock

lock_options := "--quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url"
