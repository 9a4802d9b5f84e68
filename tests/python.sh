#!/usr/bin/env bash
# The Python package: installed by pip into a fresh virtual environment without network, its tests, its types, the notebook.
# Needs Debian's python3 with python3-numpy, python3-cffi, python3-venv, python3-pip; `tools/setup.sh bindings` installs all. Usage:
# tests/python.sh BUILD [--full]. --full checks types by mypy and lets pip build the library, which takes minutes. Prints TAP.
set -uo pipefail
build=$(realpath "$1")
full=${2:-}
. "$(dirname "$0")/checks.sh"

python=/usr/bin/python3
lacks() { # lacks MODULE...: prints those that are missing
    local module
    for module in "$@"; do "$python" -c "import $module" 2>/dev/null || echo "$module"; done
}
[ -x "$python" ] || { skip "Python" "needs Debian's python3"; finish; }
missing=$(lacks numpy cffi venv pip | paste -sd ' ')
[ -z "$missing" ] || { skip "Python" "needs $missing: tools/setup.sh bindings"; finish; }

export PIP_NO_INDEX=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PYTHONDONTWRITEBYTECODE=1 OMP_NUM_THREADS=2
unset PYTHONPATH OKNG_LIBRARY
venv() { "$python" -m venv --system-site-packages --without-pip "$1"; } # pip is Debian's
installs() { # installs VENV [NAME=VALUE...]
    local place=$1
    shift
    (cd "$source_dir/bindings/python" && env "$@" "$place/bin/python" -m pip install .)
}
check "a virtual environment is made" venv "$work/venv"
check "pip installs without network" installs "$work/venv" OKNG_LIBRARY="$build/libokng.so" || finish
check "the fixture is made" "$build/tests/make_fixture" "$work/fixture"

# Tests say their own lines. Not from the source tree, so that what was installed is what is tested.
(cd "$work" && OKNG_FIXTURE=$work/fixture OKNG_COMMAND=$build/okng timeout 300 "$work/venv/bin/python" "$source_dir/bindings/python/tests/tap.py") | grep -v '^1\.\.'

# The notebook in the environment's own kernel. Short: with the fixture's parts; --full: as it is, with made-up washers.
notebook() { # notebook [NAME=VALUE]
    mkdir -p "$work/jupyter/kernels/python3" &&
        echo "{\"argv\": [\"$work/venv/bin/python\", \"-m\", \"ipykernel_launcher\", \"-f\", \"{connection_file}\"], \"display_name\": \"\", \"language\": \"python\"}" \
            >"$work/jupyter/kernels/python3/kernel.json" &&
        (cd "$work" && env "$@" JUPYTER_PATH="$work/jupyter" IPYTHONDIR="$work/ipython" MPLCONFIGDIR="$work/matplotlib" JUPYTER_CONFIG_DIR="$work/config" \
            timeout 300 "$python" -m nbconvert --to notebook --execute --output-dir "$work" --output seen.ipynb "$source_dir/examples/visualise.ipynb") &&
        "$python" - "$work/seen.ipynb" <<'END'
import json, sys
cells = [cell for cell in json.load(open(sys.argv[1]))["cells"] if cell["cell_type"] == "code"]
outputs = [output for cell in cells for output in cell["outputs"]]
texts = "".join("".join(output.get("text", []) or output.get("data", {}).get("text/plain", [])) for output in outputs)
print(texts)
assert all(cell["execution_count"] for cell in cells), "a cell was not run"
assert not [output for output in outputs if output["output_type"] == "error"]
assert sum("image/png" in output.get("data", {}) for output in outputs) == 4, "the result, and three figures"
assert "'image_auroc': 1.0" in texts or "'image_auroc': 0.9" in texts
END
}
missing=$(lacks nbconvert ipykernel matplotlib | paste -sd ' ')
if [ -n "$missing" ]; then
    skip "the notebook runs" "needs $missing: tools/setup.sh bindings"
else
    check "the notebook runs" notebook PARTS="$work/fixture/mvtec/weave"
    [ "$full" != --full ] || check "the notebook runs on made-up parts" notebook
fi

if [ "$full" = --full ]; then
    types() { # of the package, and of who uses it as it is installed
        (cd "$source_dir/bindings/python" && "$python" -m mypy --cache-dir="$work/mypy" &&
            cd "$work" && "$python" -m mypy --strict --cache-dir="$work/mypy-user" --python-executable "$work/venv/bin/python" \
                "$source_dir/bindings/python/tests/typed_user.py")
    }
    if [ -n "$(lacks mypy)" ]; then skip "types hold" "needs mypy"; else check "types hold" types; fi
    builds() { # from a copy of the tree, which has no build folder
        (cd "$source_dir" && git ls-files -z | xargs -0 cp --parents -t "$work/tree") &&
            (cd "$work/tree/bindings/python" && "$work/built/bin/python" -m pip install .) &&
            "$work/built/bin/python" -c 'import okng; print(okng.native.library_path)' | grep site-packages
    }
    mkdir -p "$work/tree"
    check "a second environment is made" venv "$work/built"
    check "pip builds the library" builds
fi
finish
