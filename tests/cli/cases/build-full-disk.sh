# needs: bank
# A limit on the size of files stands for a full disk: the old bank stays whole and nothing is left beside it.
cp -r bank/ mine
mkdir many
for i in $(seq 200); do ln -s "$PWD/ok/00$((i % 8)).png" "many/$i.png"; done
spill=(--resize 256x256 --coreset-size 50 --projection 8 --max-memory 400M) # 300 MB of vectors do not fit beside the rest
trap '' XFSZ
(
    ulimit -f 16
    okng build --ok-dir ok --out-dir mine "${small[@]}" --coreset 1
)
echo "exit $?"
(
    ulimit -f 16
    TMPDIR=. okng build --ok-dir many --out-dir other "${small[@]}" "${spill[@]}"
)
echo "exit $?"
TMPDIR=nowhere okng build --ok-dir many --out-dir other "${small[@]}" "${spill[@]}"
echo "exit $?"
okng build --ok-dir many --out-dir other "${small[@]}" --max-memory 1M
echo "exit $?"
diff -r bank mine
ls -A
