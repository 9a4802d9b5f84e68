# Banks made from banks: merged, with fewer rows, of given rows, compared, with weights at another place.
# needs: fixture
resnet=(--backbone resnet18 --weights w.safetensors --quiet)
cp resnet18.safetensors w.safetensors
mkdir first second
cp ok/00[0-3].png first
cp ok/00[4-7].png second
okng build --ok-dir first --out-dir a "${resnet[@]}"
okng build --ok-dir second --out-dir b "${resnet[@]}"
okng bank set a --threshold-image 5 --quiet
mv w.safetensors elsewhere.safetensors
okng bank merge a b --out both | grep -v time
okng bank show both | grep -E '  pictures|  patches|chosen|image_count'
okng bank shrink both --coreset 0.02 --out-dir small --threads 1 | grep -v time
okng bank shrink both --coreset-size 184 --threads 2 --json | grep rows
cmp small/memory_bank.pt both/memory_bank.pt && echo "the same rows"
okng bank diff a b | sed 's/ *[=-]*$//' | head -12
okng bank diff both both --json | grep -E '"rows"|in_both|largest|"options"'
okng bank rename-weights both --weights elsewhere.safetensors
okng infer --bank-dir both --img ng/000.png --threshold-image 1000 | cut -d' ' -f1-3
echo "-- subspaces: merged, added to and built are one"
okng build --ok-dir first --out-dir s1 --method subspace --quiet
okng build --ok-dir second --out-dir s2 --method subspace --quiet
okng build --ok-dir ok --out-dir s --method subspace --quiet
okng bank merge s1 s2 --out merged --quiet
okng bank add s1 --ok-dir second --quiet
for bank in merged s1; do cmp s/subspace.safetensors $bank/subspace.safetensors && echo "$bank: the same bytes"; done
echo "-- rows of somebody else"
okng embed --img ok/000.png --out rows.npy --backbone okng-s --resize 64x64 --quiet
okng bank create --rows rows.npy --out c --resize 64x64
okng bank create --rows rows.npy --out d --ok-dir ok --resize 64x64 --json | grep -v -e tau -e bank
okng bank create --rows c/memory_bank.pt --out e --resize 64x64 --quiet
cmp c/memory_bank.pt e/memory_bank.pt && echo "the same rows"
okng bank merge d d --out f
okng bank add c --ok-dir first | grep -v time
okng bank show c | grep -E '  pictures|  patches'
okng bank add c --ok-dir second | grep -v time
okng bank add d --ok-dir first --quiet
okng bank show d | grep -E '  pictures|  patches'
echo "-- of all rows, the scores of new pictures are those of a bank that is built anew"
all=(--backbone resnet18 --weights elsewhere.safetensors --sampler identity --image-score max --quiet)
okng build --ok-dir first --out-dir i1 "${all[@]}"
okng build --ok-dir ok --out-dir i "${all[@]}"
okng bank add i1 --ok-dir second --quiet
scores() { # scores BANK: name and score of the pictures 004 to 007
    okng bank show "$1" --json | tr -d ' \n' >"$1.json"
    paste -d' ' <(sed 's/.*"image_names":\[//; s/\].*//; s/second\///g; s/"//g' "$1.json" | tr , '\n') \
        <(sed 's/.*"image_scores":\[//; s/\].*//' "$1.json" | tr , '\n') | grep '^00[4-7]' | sort
}
scores i >anew
scores i1 | cmp - anew && wc -l <anew
