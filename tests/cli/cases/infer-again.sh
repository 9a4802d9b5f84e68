# needs: bank
# What an earlier run wrote must not stand for what this one could not do.
mkdir in
cp ok/000.png in/a.png
cp ok/001.png in/b.png
okng infer --bank-dir bank --img in --out-dir out --quiet
echo text >in/b.png
okng infer --bank-dir bank --img in --out-dir out
echo "exit $?"
find out -name '*s.*' | sort
okng infer --bank-dir bank --img in --out-dir out --strict
echo "exit $?"
find out -name '*s.*' | sort
