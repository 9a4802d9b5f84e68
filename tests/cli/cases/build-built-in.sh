# needs: fixture
# Without --backbone and --weights the built-in network learns and inspects; there is nothing to download.
okng build --ok-dir ok --out-dir mine --resize 64x64 | sed -n 1p
okng bank show mine | grep -E "backbone|  file "
okng infer --bank-dir mine --img ng/000.png --out-dir out --json | grep verdict
okng embed --img ng/000.png --out e.npy --resize 64x64
okng weights get okng-s
echo "exit $?"
