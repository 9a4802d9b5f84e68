# needs: bank
mkdir in
cp ok/000.png in/a.png
echo text >in/b.png
: >in/c.jpg
cp ng/000.png in/d.png
okng infer --bank-dir bank --img in --out-dir out --threads 2
echo "exit $?"
cat out/results.csv
okng infer --bank-dir bank --img in --out-dir again --exit-code --quiet 2>/dev/null
echo "exit $?"
okng infer --bank-dir bank --img in --out-dir strict --strict
echo "exit $?"
ls strict
rm in/a.png in/d.png
okng infer --bank-dir bank --img in --out-dir none
echo "exit $?"
ls none
