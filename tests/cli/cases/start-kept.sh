# needs: fixture
# What was packed once is kept: the weight file is not read again while nobody has touched it, results are the same bytes, and
# another file in its place is refused as it always was.
export XDG_CACHE_HOME=$PWD/cache
cp resnet18.safetensors own.safetensors
okng build --ok-dir ok --backbone resnet18 --weights own.safetensors --resize 64x64 --out-dir bank --quiet
kept() { ls cache/okng/kept/*"$1" 2>/dev/null | wc -l; }
infer() { okng infer --bank-dir bank --img ng/000.png --out-dir "$1" --save-map --quiet; }
OKNG_KEEP=0 infer without
rm -rf cache
OKNG_KEEP=0 infer nothing && echo "$(kept weights) kept"
for ((i = 0; i < 200 && $(kept known) == 0; i++)); do rm -rf first && infer first && sleep 0.05; done # files of the last two seconds are not trusted
echo "$(kept weights) kept, $(kept known) known"
infer second
for out in nothing first second; do cmp without/map.npy $out/map.npy && cmp without/scores.json $out/scores.json && echo "the same"; done
# damage in the cache is made good
printf 'x' | dd of="$(ls cache/okng/kept/*weights)" bs=1 seek=100000 conv=notrunc status=none
infer third && cmp without/map.npy third/map.npy && echo "made good, $(kept weights) kept"
rm -f cache/okng/kept/*.weights
printf 'nothing of the kind' >"$(dirname "$(ls cache/okng/kept/*known)")/0000000000000000000000000000000000000000000000000000000000000000.weights"
infer fourth && cmp without/map.npy fourth/map.npy && echo "the same"
# nothing is taken of another build, by whatever name it is called: one byte more makes one
mkdir one other
cp "$OKNG" one/okng && cp "$OKNG" other/okng && printf 'x' >>other/okng
rm -f cache/okng/kept/*.weights
for build in one other; do
    PATH=$PWD/$build:$PATH command okng infer --bank-dir bank --img ng/000.png --out-dir $build/out --quiet
    echo "$(kept weights) kept"
done
rm -r one other
# another weight file, and none
printf 'x' | dd of=own.safetensors bs=1 seek=100000 conv=notrunc status=none
infer changed; echo "exit $?"
rm own.safetensors
infer gone; echo "exit $?"
