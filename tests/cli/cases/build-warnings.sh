# needs: fixture
# needs: warnings
# What spoils a bank is said before it is made of it: names, copies, shapes; results of okng are refused.
mkdir -p parts/ng parts/test
cp ok/*.png parts
cp ng/000.png parts/ng/000.png
cp ok/000.png parts/000_mask.png
okng build --ok-dir parts --out-dir bank "${small[@]}" >/dev/null
okng build --ok-dir parts --out-dir bank "${small[@]}" --json 2>/dev/null | sed -n '/"warnings"/,/^  ]/p'
okng infer --bank-dir bank --img ok --out-dir parts/results >/dev/null
okng build --ok-dir parts --out-dir bank2 "${small[@]}" --quiet || echo "exit $?"
okng build --ok-dir parts --out-dir bank2 "${small[@]}" --quiet --force && ls -d bank2
