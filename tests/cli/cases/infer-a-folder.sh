# needs: bank
mkdir -p in/a/b in/a.x
cp ok/000.png in/a.png
cp ok/001.png in/a/b/c.png
cp ok/002.png in/a/b/c.PNG
cp ng/000.png in/a.x/results.csv.png
cp ok/003.png in/results.csv.png
cp ok/004.png 'in/z, "q".png'
okng infer --bank-dir bank --img in --out-dir out --threads 2
echo "exit $?"
cat out/results.csv
cd out && find . -type d | sort
