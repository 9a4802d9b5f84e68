# needs: fixture
# The options of a PatchCore trainer, the three places where it looks for pictures, and what it refuses.
train() { okng train patchcore --backbone resnet18 --weights resnet18.safetensors --image-size 64 64 "$@"; }
tidy() { sed 's/[0-9.]* MB/N MB/g; s/image [0-9.]*, pixel [0-9.]*/T/'; }
train --data-dir ok --output weights --pattern-name part7 --coreset_ratio 0.1 --num-neighbors 5 --layers layer2 layer3 2>/dev/null | tidy
ls weights/part7
okng bank show weights/part7/bank --json | grep -E '"(preset|backbone|layers|resize|coreset|neighbors|image-score|calibration)"'
# the same as a build with these options, and the same bytes for any number of threads
okng build --ok-dir ok --out-dir bank --preset anomalib --backbone resnet18 --weights resnet18.safetensors --resize 64x64 --coreset 0.1 --neighbors 5 --quiet
cmp bank/memory_bank.pt weights/part7/bank/memory_bank.pt && cmp bank/tau.json weights/part7/bank/tau.json && echo "as okng build"
train --data-dir ok --output again --pattern-name part7 --coreset-ratio 0.1 --num-neighbors 5 --threads 1 --quiet
for file in part7.xml part7.bin; do cmp weights/part7/$file again/part7/$file; done
# trained again, by its defaults, named as the folder; options that mean nothing
train --data-dir ok --output weights/part7/ --quiet; echo "again: $?"
ls weights weights/part7
train --data-dir ok --output out/part8 --batch-size 16 --no-use-faiss 2>&1 | grep -e rows -e nothing | sed "s|$PWD|.|"
find out -type f | sort
# where pictures are: train/good, the folder itself without its sub-folders, good
mkdir -p a/train b/bad c && cp -r ok a/train/good && cp ok/* b && cp ng/* b/bad && cp -r ok c/good
for data in a b c; do train --data-dir $data --output "of_$data" --coreset-ratio 0.1 2>&1 | grep -e left -e learned; done
cmp of_a/bank/memory_bank.pt of_b/bank/memory_bank.pt && cmp of_b/bank/memory_bank.pt of_c/bank/memory_bank.pt && echo "the same rows"
train --data-dir ok --output half --coreset-ratio 0.1 --precision fp16 --quiet && [ "$(stat -c %s half/half.bin)" -lt 6000000 ] && echo "half as large"
train --data-dir ok --output half --coreset-ratio 0.1 --json 2>/dev/null | grep -E '"(model|bank|pictures|rows|dim)"'
# a region: the bank finds it, the model takes it cut out
train --data-dir ok --output region --coreset-ratio 0.1 --roi-rect 20,16,40,40 --roi-threshold 0.2 --quiet; echo "region: $?"
ls region region/bank; okng infer --bank-dir region/bank --img ok/000.png | sed 's/[0-9.]*, /N, /g'
# refused
train --output x; echo "no pictures: $?"
mkdir empty
train --data-dir empty --output x; echo "no pictures in it: $?"
train --data-dir nowhere --output x; echo "no folder: $?"
okng train patchcore --data-dir ok --output x --image-size 64; echo "one side: $?"
train --data-dir ok --output x --batch-size none; echo "no number: $?"
train --data-dir ok --output x --coreset-ratio 2; echo "a ratio: $?"
train --data-dir ok --output x --num-neighbors 0; echo "neighbours: $?"
train --data-dir ok --output x --layers layer9; echo "a layer: $?"
train --data-dir ok --output x --pattern-name a/b; echo "a name: $?"
(unset DISPLAY WAYLAND_DISPLAY BROWSER; train --data-dir ok --output x --roi 2>&1) | sed "s|$PWD|.|"
train --data-dir ok --output x --roi-rect 1,2,3; echo "a region: $?"
train --data-dir ok --output x --roi-rect "1,2,30,30; 4,5,30,30"; echo "several regions: $?"
mkdir one && cp ok/000.png one
train --data-dir one --output x --quiet; echo "one picture: $?"
echo mine >weights/part7/notes.txt
train --data-dir ok --output weights --pattern-name part7; echo "somebody's file: $?"
cat weights/part7/notes.txt
okng train patchcore --data-dir ok --output x; echo "no weights: $?"
