# needs: release
# needs: clip
# The methods and presets run on a CLIP's features as on any network's.
verdicts() { tail -n +2 "$1/results.csv" | cut -d, -f1,3 | sort; }
try() { # try NAME OPTION...
    local name=$1
    shift
    okng build --ok-dir ok --out-dir "bank-$name" "${clip[@]}" "$@" --quiet &&
        okng infer --bank-dir "bank-$name" --img ok/000.png ng/000.png --out-dir "out-$name" --quiet &&
        echo "$name: $(verdicts "out-$name" | paste -sd' ')"
}
try default
try foreground --foreground pca --distance cosine --image-score max
try subspace --method subspace --layers norm --augment rotate:2
try inspection --preset inspection --crop none --layers blocks.2 blocks.9
try anomalydino --preset anomalydino
try guide --preset guide # whose layers no transformer has
okng bank show bank-default | grep -E '^ +(backbone|layers|resize|interpolation|mean|patch-size|activation) '
