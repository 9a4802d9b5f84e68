# needs: bank
# Results take no input's place, whatever that is called and by whatever link; what is somebody's own is not replaced.
try() {
    okng infer --bank-dir bank --quiet "$@"
    echo "exit $?"
}
all() { find out -type f -o -type l | LC_ALL=C sort; }
mkdir -p out/000 && cp ok/000.png 000.png && cp ok/000.png out/000/mask.png && cp ok/001.png 001.png
echo "an input that lies where a result goes"
try --img 000.png out/000/mask.png --out-dir out
mkdir links && ln 001.png links/hard.png
rm -r out && mkdir -p out/001 && ln -s ../../links/hard.png out/001/heat_gray.png
try --img 000.png 001.png --out-dir out
echo "a good picture for comparison that does"
rm -r out && mkdir -p out/000 && cp ok/002.png out/000/overlay.png
try --img 000.png 001.png --out-dir out --fuse-ref out/000/overlay.png
echo "one that the pages would take away"
rm -r out && mkdir -p out/report_files/pictures && cp ok/000.png out/report_files/pictures/a.png
try --img out/report_files/pictures/a.png 001.png --out-dir out --report
echo "files of somebody"
try --img 000.png 001.png --out-dir out --append --report
rm -r out && mkdir -p out && echo mine >out/report.html
try --img 000.png 001.png --out-dir out --report
try --img 000.png 001.png --out-dir out && cat out/report.html
rm -r out && mkdir -p out/000 && echo mine >out/000/scores.json
try --img 000.png 001.png --out-dir out
echo mine >out/results.csv
try --img 000.png 001.png --out-dir out --append
all
echo "those of okng are"
rm -r out
try --img 000.png 001.png --out-dir out && rm out/results.csv
try --img 000.png 001.png --out-dir out --append && head -n 1 out/results.csv
echo "steps take no input's place either"
okng embed --img 000.png --out 000.png --backbone resnet18 --weights resnet18.safetensors || echo "exit $?"
cmp 000.png ok/000.png && echo "as it was"
cp resnet18.safetensors mine.safetensors
okng embed --img 000.png --out mine.safetensors --backbone resnet18 --weights mine.safetensors || echo "exit $?"
cmp mine.safetensors resnet18.safetensors && echo "as they were"
