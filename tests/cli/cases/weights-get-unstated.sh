# needs: fixture
# A file whose publisher states no SHA-256: that of the first download is kept beside it and held to.
mkdir server
weights=$(realpath resnet18.safetensors)
file=TinyCLIP-ViT-8M-16-Text-3M-YFCC15M.pt
cp "$weights" server/$file
export XDG_CACHE_HOME=$PWD/cache
cached=cache/okng/weights/clip-tinyclip-8m-16.pt
part=cache/okng/weights/.clip-tinyclip-8m-16.pt.okng-part
get() {
    okng weights get clip-tinyclip-8m-16 --url "file://$PWD/server" "$@"
    echo "exit $?"
}
get | sed 's/[0-9a-f]\{8\}\.\.\./HASH.../'
(cd cache/okng/weights && sha256sum -c clip-tinyclip-8m-16.pt.sha256)
get | sed 's/[0-9a-f]\{8\}\.\.\./HASH.../'
get --json | grep -v '"sha256"'
# another file than the first time: as a download, then as a change on disk
rm $cached
cp ok/000.png server/$file
get 2>&1 | sed 's/SHA-256 [0-9a-f]*, expected [0-9a-f]*/SHA-256 A, expected B/'
cp "$weights" server/$file
# continued where it was cut off
head -c 1000 "$weights" >$part
get | sed 's/[0-9a-f]\{8\}\.\.\./HASH.../'
cmp $cached "$weights"
echo more >>$cached
get 2>&1 | sed 's/with [0-9a-f]*, expected [0-9a-f]*/with A, expected B/'
echo "no hash" >$cached.sha256
get
# the first time: what is no weight file is not kept, and neither is one that was cut off
rm $cached $cached.sha256
cp ok/000.png server/$file
get
head -c 10000 "$weights" >server/$file
get
ls cache/okng/weights
# a file that lies there without a note gets one
cp "$weights" $cached
get | sed 's/[0-9a-f]\{8\}\.\.\./HASH.../'
ls cache/okng/weights
# one whose publisher states all of it is held to all of it
cp "$weights" server/ViT-B-16.pt
okng weights get clip-vit-b-16 --url "file://$PWD/server"
echo "exit $?"
cp "$weights" server/bpe_simple_vocab_16e6.txt.gz
okng weights get clip-vocabulary --url "file://$PWD/server"
echo "exit $?"
okng weights get okng-s
echo "exit $?"
# a pipe in place of the note: nobody waits for who writes into it
mkfifo $cached.pipe && mv $cached.pipe $cached.sha256
timeout 20 "$OKNG" weights get clip-tinyclip-8m-16 --url "file://$PWD/server"
echo "exit $?"
