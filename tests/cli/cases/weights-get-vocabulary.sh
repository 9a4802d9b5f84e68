# needs: shared weights/bpe_simple_vocab_16e6.txt.gz
# CLIP's vocabulary comes as weights do, under its own name, where the tokenizer looks for it.
export XDG_CACHE_HOME=$PWD/cache
okng weights get clip-vocabulary --url "file://$(realpath "$SHARED/weights")"
okng weights get clip-vocabulary --url "file://$(realpath "$SHARED/weights")" --json
ls cache/okng/weights
okng weights list | grep clip-vocabulary
