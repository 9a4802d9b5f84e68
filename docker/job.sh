#!/bin/sh
# The main job inside the container: learns from the good pictures of /data, writes the bank to /out/bank and, where there are
# pictures to inspect, what was found in them to /out/results. Arguments are options of `okng build`.
# Good pictures: the first of /data/train/good, /data/ok, /data. To be inspected: the first of /data/test, /data/ng.
# OKNG_DATA, OKNG_OUT: other folders than /data, /out.
set -eu
data=${OKNG_DATA:-/data} out=${OKNG_OUT:-/out}

first() { # first FOLDER...: the first that there is
    for folder in "$@"; do
        [ ! -d "$folder" ] || { echo "$folder"; return; }
    done
}

good=$(first "$data/train/good" "$data/ok" "$data")
new=$(first "$data/test" "$data/ng")
[ -n "$good" ] || { echo "okng-job: there is no folder $data" >&2; exit 1; }
echo "== learning from $good"
okng build --ok-dir "$good" --out-dir "$out/bank" "$@"
[ -n "$new" ] || exit 0
echo "== inspecting $new"
okng infer --bank-dir "$out/bank" --img "$new" --out-dir "$out/results"
