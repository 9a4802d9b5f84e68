# needs: bank
# A file name is bytes; JSON is UTF-8.
mkdir in
cp ok/000.png "$(printf 'in/caf\xc3\xa9 \xe9\xff.png')"
okng infer --bank-dir bank --img in --out-dir out --json | grep '"path"\|"out"'
okng infer --bank-dir bank --img in/*.png --out-dir "$(printf 'o\xe9')" --json | grep '"path"\|"out"'
