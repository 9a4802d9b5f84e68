#!/usr/bin/env bash
# A submission for MVTec AD 2, read by Python's own modules. Usage: tests/submission.sh BUILD. Prints TAP.
set -uo pipefail
build=$(realpath "$1") here=$(cd "$(dirname "$0")" && pwd)
echo "1..3"
command -v python3 >/dev/null || { for i in 1 2 3; do echo "not ok $i - submission # SKIP needs python3"; done; exit 0; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
failed=0
report() { # report CODE NUMBER NAME
    if [ "$1" = 0 ]; then echo "ok $2 - $3"; else echo "not ok $2 - $3"; failed=1; sed 's/^/# /' said; fi
}
"$build/tests/make_fixture" . >said 2>&1 || { echo "Bail out! $(cat said)"; exit 1; }
object() { # object NAME CATEGORY: of the layout of MVTec AD 2; the private pictures are those of the test
    local set=data/$1
    mkdir -p "$set"/{train,validation,test_public/ground_truth/bad,test_public/bad,test_private,test_private_mixed}
    cp -r mvtec/"$2"/train/good "$set"/train/good && cp -r mvtec/"$2"/train/good "$set"/validation/good && cp -r mvtec/"$2"/test/good "$set"/test_public/good
    local i=0 picture kind
    for picture in mvtec/"$2"/test/[!g]*/*.png; do
        kind=$(basename "$(dirname "$picture")")
        cp "$picture" "$set/test_public/bad/$(printf %03d $i).png"
        cp "mvtec/$2/ground_truth/$kind/$(basename "$picture" .png)_mask.png" "$set/test_public/ground_truth/bad/$(printf %03d_mask $i).png"
        cp "$picture" "$set/test_private/$(printf %03d_regular $i).png"
        cp "$picture" "$set/test_private_mixed/$(printf %03d_mixed $i).png"
        i=$((i + 1))
    done
}
object can cloth
object rice weave
options=(--backbone resnet18 --weights resnet18.safetensors --resize 64x64 --latency-runs 0 --quiet)
"$build/okng" eval --dataset mvtec-ad-2 --root data "${options[@]}" --save-maps --examples all --submission out/team >said 2>&1
report $? 1 "a submission is written and read back"
mkdir maps # the public bad pictures are the private ones, and their maps are kept as they are
for object in can rice; do
    for map in results/mvtec-ad-2/patchcore/default/$object/anomaly_maps/test_public/bad/*.npy; do
        stem=$(basename "${map%.npy}") && stem=${stem%.png}
        cp "$map" "maps/$object-test_private-${stem}_regular.npy"
        cp "$map" "maps/$object-test_private_mixed-${stem}_mixed.npy"
    done
done
count=$(find data/*/test_private* -name '*.png' | wc -l)
python3 "$here/submission.py" out/team.tar.gz maps >said 2>&1 && [ "$(cat said)" = "$count pictures, $count equal to their raw maps" ]
report $? 2 "Python finds every picture, with the numbers of its map"
cp out/team.tar.gz first.tar.gz
"$build/okng" eval --dataset mvtec-ad2 --root data "${options[@]}" --threads 1 --out again --submission other/team >said 2>&1 &&
    cmp first.tar.gz other/team.tar.gz >said 2>&1
report $? 3 "the same bytes with one thread, in another place"
exit $failed
