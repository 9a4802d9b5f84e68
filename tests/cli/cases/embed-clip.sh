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
# a square unless something else is asked for, whatever the picture's shape
okng embed --img ok/000.png --out square.npy "${clip[@]:0:4}" --output patches --quiet
okng embed --img ok/000.png --out p224.npy "${clip[@]:0:4}" --output patches --resize 224x224
cmp square.npy p224.npy
okng embed --img ok/000.png --out auto.npy "${clip[@]:0:4}"
# colours and activation that the configuration beside the weights states
mkdir other && ln -s "$PWD/clip/tiny.safetensors" other/w.safetensors
echo '{"model_cfg": {"embed_dim": 512, "quick_gelu": true, "vision_cfg": {"width": 256, "patch_size": 16}}, "preprocess_cfg": {"mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5]}}' >other/open_clip_config.json
okng embed --img ok/000.png --out a.npy "${clip[@]}" --weights other/w.safetensors --output image --quiet
okng embed --img ok/000.png --out b.npy "${clip[@]}" --mean 0.5 0.5 0.5 --std 0.5 0.5 0.5 --activation quickgelu --output image --quiet
cmp a.npy b.npy && ! cmp -s a.npy image.npy && echo "as the configuration says"
okng embed --img ok/000.png --out x.npy "${clip[@]}" --weights other/w.safetensors --activation gelu --output image
echo "exit $?"
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
