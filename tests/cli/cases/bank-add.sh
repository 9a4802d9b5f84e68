# More good pictures come to a bank, without those that it has learnt.
# needs: fixture
mkdir first more
cp ok/00[0-4].png first
cp ok/00[5-7].png more
okng build --ok-dir first --out-dir bank --backbone resnet18 --weights resnet18.safetensors --quiet
mv first gone
okng bank add bank --ok-dir more --out-dir larger --threads 2
okng bank add bank --ok-dir more --threads 1 --json | grep -v -e seconds -e features -e calibration -e '"coreset"'
diff -r bank larger && echo "same bytes, in place and apart, of one thread and two"
okng bank show bank --json | grep -E -A1 '"pictures"|"rows"|image_count' | grep -E 'pictures|patches|rows|image_count'
ls -A bank .
okng infer --bank-dir bank --img ng/000.png --out-dir out | grep -c NG
echo "-- once more: all are known"
okng bank add bank --ok-dir more
cp ok/000.png more/new.png
okng bank add bank --ok-dir more | grep -v time
echo "-- a choice stays"
okng bank set bank --threshold-image 5 --by Kim --quiet
cp ok/001.png more/newer.png
okng bank add bank --ok-dir more --quiet
okng bank show bank | grep chosen
