# needs: fixture
mkdir mixed
cp ok/000.png mixed
printf 'P5 40 40 255\n' >mixed/z.pgm && head -c 1600 /dev/zero >>mixed/z.pgm
okng build --ok-dir mixed --out-dir bank "${small[@]}" --resize none
echo "exit $?"
okng build --ok-dir mixed --out-dir bank "${small[@]}" --resize 64
echo "exit $?"
okng build --ok-dir mixed --out-dir bank "${small[@]}" --resize 64 --crop 64 --quiet && ls bank
