# needs: clip
lengths() { tail -c +129 "$1" | od -An -v -tf4 -w2048 | awk '{ s = 0; for (i = 1; i <= NF; i++) s += $i ^ 2; printf "%.3f\n", sqrt(s) }'; }
okng embed --img ok/000.png --out image.npy "${clip[@]}" --output image
okng embed --img ok --img ng/000.png --out images.npy "${clip[@]}" --output image --normalize --json
lengths images.npy | uniq -c | tr -s ' '
okng embed --img ok/000.png ok/001.png --out two.npy "${clip[@]}" --output image --quiet
cmp <(tail -c 2048 image.npy) <(tail -c 4096 two.npy | head -c 2048) && echo "the first is that of one alone"
# tokens of patches after any block, as the network has them
okng embed --img ok/000.png --out p.npy "${clip[@]}" --output patches
okng embed --img ok/000.png --out p4.npy "${clip[@]}" --output patches --layers blocks.4
cmp p.npy p4.npy && echo "blocks.4 unless given"
okng embed --img ok/000.png --out p09.npy "${clip[@]}" --output patches --layers blocks.0 blocks.9
okng embed --img ok/000.png ng/000.png --out both.npy "${clip[@]}" --output patches --layers norm
# patch vectors as a bank has them, of one picture and of several
okng embed --img ok/000.png --out v.npy "${clip[@]}"
cmp p.npy v.npy && echo "patch vectors of one layer are its tokens"
okng embed --img ok --out all.npy "${clip[@]}" --patch-size 3 --distance cosine
# what cannot be
okng embed --img ok/000.png --out x.npy "${clip[@]}" --output image --layers blocks.2
echo "exit $?"
okng embed --img ok/000.png --out x.npy "${clip[@]}" --output patches --patch-size 3
echo "exit $?"
okng embed --img ok/000.png --out x.npy "${clip[@]}" --normalize
echo "exit $?"
okng embed --img ok/000.png --out x.npy "${clip[@]}" --output pictures
echo "exit $?"
okng embed --img ok/000.png --out x.npy "${clip[@]}" --output patches --layers blocks.10
echo "exit $?"
okng embed --img ok/000.png --out x.npy "${clip[@]}" --output image --resize 90x96
echo "exit $?"
okng embed --img ok/000.png --out x.npy --output image
echo "exit $?"
okng embed --img ok/000.png none.png --out x.npy "${clip[@]}" --output image
echo "exit $?"
mkdir empty
okng embed --img empty --out x.npy "${clip[@]}" --output image
echo "exit $?"
ls
