# needs: bank
# Pictures are known by what is in them; those that are not read, and folders of thumbnails, are named.
mkdir -p new/@eaDir new/sub/thumbnails
cp ng/000.png new/a
cp ok/000.png new/b.dib
cp ok/000.png new/@eaDir/c.png
cp ok/000.png new/sub/thumbnails/d.png
cp ok/000.png new/sub/Thumbs.db.txt
printf 'not one' > new/notes.txt
printf '\0\0\0\x18ftypheic\0\0\0\0' > new/e.heic
printf '\0\0\0\x18ftypavif\0\0\0\0' > new/sub/f
printf 'II*\0' > new/g.dng
okng infer --bank-dir bank --img new --out-dir out
cut -d, -f1,3 out/results.csv
okng infer --bank-dir bank --img new --out-dir json --json --quiet | grep -o '"left_out": [0-9]*'
okng infer --bank-dir bank --img new --out-dir strict --strict
echo "strict: $?"
cp -r new good && rm good/a
okng infer --bank-dir bank --img good --out-dir code --exit-code --quiet
echo "not all inspected: $?"
mkdir heic && cp new/e.heic heic/
okng build --ok-dir heic --out-dir none
echo "build: $?"
