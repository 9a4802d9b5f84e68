# needs: fixture
# --bank-dir and --bank, --out-dir and --out are one: each is taken wherever the other is, and for a BANK without dashes.
okng build --ok-dir ok --out bank "${small[@]}" --quiet && okng bank show --bank-dir bank --json >a && okng bank show bank --json | cmp - a
okng bank show --bank bank --json | cmp - a
okng infer --bank bank --img ok/000.png --out out --quiet --json >/dev/null && ls out/scores.json
okng embed --img ok/000.png --out-dir e.npy "${small[@]}" --quiet
okng coreset --in e.npy --out_dir i.npy --coreset 0.2 --quiet
okng knn --bank-dir=e.npy --query e.npy --k 1 --out-dir d.npy --quiet
okng preprocess --img ok/000.png --out-dir t.npy --resize 64x64 --quiet
ls *.npy
okng weights list --out-dir x
okng bank show --bank-dir
okng bank show bank --bank-dir bank
okng bank show --bnk-dir bank
okng bank shwo bank
okng bnak show
okng help bank shwo
okng bank-show bank
okng bank --help | head -3
okng metrics --scores s.csv --pro-mode stepz
exit 0
