# needs: bank
# What infer leaves is what metrics takes, with nothing in between: scores and labels, maps and masks.
pgm() { # pgm NAME WIDTH HEIGHT: a mask whose first row is a defect
    { printf 'P5\n%d %d\n255\n' "$2" "$3"; head -c "$2" /dev/zero | tr '\0' '\377'; head -c $(($2 * ($3 - 1))) /dev/zero; } >"$1"
}
mkdir -p t/good t/scratch truth/scratch
for i in 0 1 2 3; do cp "ok/00$i.png" "t/good/$i.png"; done
cp ng/000.png t/scratch/000.png
echo text >t/good/9.png
pgm truth/scratch/000_mask.png 80 72
okng infer --bank-dir bank --img t --out-dir out --save-map --quiet
cut -d, -f 1,3,6 out/results.csv
okng metrics --scores out/results.csv
okng metrics --scores out/results.csv --json | grep -c left_out
okng metrics --maps out --masks truth | head -n 1
echo "a threshold that is copied has the F1 that was told"
told=$(okng metrics --scores out/results.csv | sed -n 's/ *image_f1max_threshold *//p')
okng infer --bank-dir bank --img t --out-dir again --threshold-image "$told" --quiet 2>/dev/null
cut -d, -f 3,6 again/results.csv | sort | uniq -c | sed 's/^ *//'
echo "two pictures of one name"
cp ok/005.png t/scratch/000.bmp.png
cp t/scratch/000.png t/scratch/000.PNG
okng infer --bank-dir bank --img t --out-dir both --save-map --quiet 2>/dev/null
okng metrics --maps both --masks truth
echo "exit $?"
mv truth/scratch/000_mask.png truth/scratch/000.png_mask.png
okng metrics --maps both --masks truth | head -n 1
