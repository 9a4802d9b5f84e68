# needs: mvtec
# A picture that cannot be read ends the run, or with --keep-going its category only.
cp -r mvtec/ data
echo "no picture" >data/cloth/test/good/zzz.png
quick=(--root data "${small[@]}" --latency-runs 0 --examples 0)
okng eval "${quick[@]}"
echo "exit $?"
okng eval "${quick[@]}" --keep-going
echo "exit $?"
ls results/mvtec/patchcore/default
