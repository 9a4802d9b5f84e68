# needs: fixture
# Tiles: kept in the bank, and refused by what sees one picture of one size.
small=(--backbone resnet18 --weights resnet18.safetensors --resize 64x64 --quiet)
okng build --ok-dir ok --out-dir bank --tile 48x48 --overlap 16 "${small[@]}"
okng bank show bank | grep '^    tile\|^    overlap\|^  pictures\|image_count'
okng infer --bank-dir bank --img ng/000.png --out-dir out | sed 's/score.*//'
okng build --ok-dir ok --out-dir place --tile 48x48 --tile-banks place "${small[@]}" && okng bank show place | grep whole
mkdir more && cp ng/000.png more/
okng export --bank-dir bank --out exported; echo "exit $?"
okng bank add bank --ok-dir more; echo "exit $?"
okng build --ok-dir ok --out-dir none --tile 48x48 --overlap 48 "${small[@]}"; echo "exit $?"
okng build --ok-dir ok --out-dir none --tile 48 --method winclip "${small[@]}"; echo "exit $?"
okng eval --dataset mvtec --root . --tile 48x48; echo "exit $?"
ls
