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
