# needs: bank
try() {
    okng infer --bank-dir bank --out-dir out "$@"
    echo "exit $?"
}
try --img nowhere.png
echo text >text.png && try --img text.png
: >zero.png && try --img zero.png
printf 'P6 20000 20000 255\n' >huge.ppm && try --img huge.ppm
try --img ok/000.png --max-pixels 100
mkdir empty && try --img empty
try --img ok/000.png --fuse-ref nowhere.png
try --img ok/000.png --fuse-ref text.png
ls
