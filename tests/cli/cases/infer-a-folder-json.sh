# needs: bank
mkdir in
cp ok/000.png in/a.png
echo text >in/b.png
okng infer --bank-dir bank --img in --out-dir out --json
