# needs: fixture
# Samples of 16 bits: 12 of them used, then a brighter picture, one of 8 bits, and one that says 10.
picture() { # SEED SCALE LARGEST: text PGM
    awk -v s="$1" -v k="$2" -v top="$3" 'BEGIN { print "P2 64 64 " top
        for (i = 0; i < 4096; i++) { s = (s * 16807) % 2147483647; print int((600 + s % 800) * k) } }'
}
mkdir ok16 new
for i in 1 2 3 4; do picture $i 1.5 65535 > ok16/$i.pgm; done
small="--backbone resnet18 --weights resnet18.safetensors --resize 64x64"
okng build --ok-dir ok16 --out-dir bank $small | grep 'bit depth'
okng bank show bank | grep bit-depth
picture 9 1.5 65535 > new/a.pgm
picture 9 4 65535 > new/b.pgm
picture 9 0.1 255 > new/c.pgm
picture 9 0.5 1023 > new/d.pgm
okng infer --bank-dir bank --img new --out-dir out --quiet
for name in a b c d; do grep -c warnings out/$name/scores.json; done
okng infer --bank-dir bank --img new/c.pgm --out-dir one --json | grep -A1 warnings
cp new/b.pgm ok16
okng build --ok-dir ok16 --out-dir bank2 $small --bit-depth 12 --json --quiet | grep bit_depth
okng build --ok-dir ok16 --out-dir bank3 $small --bit-depth 12 | grep depth
okng build --ok-dir ok16 --out-dir bank4 $small --json | grep '"bit_depth'
okng build --ok-dir ok16 --out-dir bank5 $small --bit-depth 11
echo $?
