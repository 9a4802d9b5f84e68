# needs: clip
# Where the vocabulary comes from: the option, beside the weights, the cache.
export XDG_CACHE_HOME=$PWD/cache
mkdir alone && ln -s "$PWD/clip/tiny.safetensors" alone/w.safetensors
net=(--backbone clip-tinyclip-8m-16 --weights alone/w.safetensors)
okng text-embed --text nut "${net[@]}" --out t.npy
echo "exit $?"
okng text-embed --text nut "${net[@]}" --out t.npy --vocabulary clip/bpe_simple_vocab_16e6.txt.gz
mkdir -p cache/okng/weights && ln -s "$PWD/clip/bpe_simple_vocab_16e6.txt.gz" cache/okng/weights
okng text-embed --text nut "${net[@]}" --out cached.npy
cmp t.npy cached.npy && echo same
head -c 5000 clip/bpe_simple_vocab_16e6.txt.gz >cut.txt.gz
okng text-embed --text nut "${net[@]}" --out t.npy --vocabulary cut.txt.gz
echo "exit $?"
# no weights, and no CLIP
okng text-embed --text nut --backbone clip-tinyclip-8m-16 --out t.npy
echo "exit $?"
okng text-embed --text nut --out t.npy
echo "exit $?"
okng text-embed --text nut --backbone clip-tinyclip-39m-16 --weights alone/w.safetensors --out t.npy
echo "exit $?"
# the vocabulary is read, so nothing is written over it
cp clip/bpe_simple_vocab_16e6.txt.gz mine.txt.gz
okng text-embed --text nut "${net[@]}" --out mine.txt.gz --vocabulary mine.txt.gz
echo "exit $?"
cmp mine.txt.gz clip/bpe_simple_vocab_16e6.txt.gz && echo whole
# neither over what is found in the cache
cp --remove-destination clip/bpe_simple_vocab_16e6.txt.gz cache/okng/weights
cp clip/tiny.safetensors cache/okng/weights/clip-tinyclip-8m-16.pt
for file in bpe_simple_vocab_16e6.txt.gz clip-tinyclip-8m-16.pt; do
    okng text-embed --text nut --backbone clip-tinyclip-8m-16 --out cache/okng/weights/$file 2>&1 | sed "s|$PWD/||"
done
cmp clip/tiny.safetensors cache/okng/weights/clip-tinyclip-8m-16.pt && echo whole
