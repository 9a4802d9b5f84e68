# needs: fixture
# needs: clip
# Areas that are left out: kept in the bank, refused where they cannot be.
small=(--backbone resnet18 --weights resnet18.safetensors --resize 64x64 --quiet)
rows() { for y in $(seq 72); do [ "$y" -gt 24 ] && [ "$y" -le 48 ] && printf "$1" || printf "$2"; done; }
grey() { printf 'P5 80 72 255\n'; rows "$(printf '\\%o' $(yes "$1" | head -n 80))" "$(printf '\\%o' $(yes "$2" | head -n 80))"; }
grey 255 0 >band.pgm
grey 0 0 >black.pgm
grey 255 255 >white.pgm
(printf 'P5 80 36 255\n'; grey 255 0 | tail -c +14 | head -c 2880) >flat.pgm
okng build --ok-dir ok --out-dir bank --ignore-mask band.pgm "${small[@]}"
okng bank show bank | grep -A 3 '^  ignored'
okng infer --bank-dir bank --img ng/000.png --out-dir out --save-map | sed 's/score.*//'
echo "a bank that grows, a recipe and an exported graph leave out the same"
mkdir more && cp ng/000.png more/
cp -r bank grown && okng bank add grown --ok-dir more --quiet && okng bank show grown | grep -A 1 '^  ignored'
okng export --bank-dir bank --out exported --img ng/000.png --verify 1 | grep labels
for mask in black white flat; do okng build --ok-dir ok --out-dir none --ignore-mask $mask.pgm "${small[@]}"; echo "exit $?"; done
okng build --ok-dir ok --out-dir none --ignore-mask band.pgm --augment rotate:4 "${small[@]}"; echo "exit $?"
okng build --ok-dir ok --out-dir none --ignore-mask band.pgm --method winclip --class-name part "${clip[@]}" --quiet; echo "exit $?"
okng build --ok-dir ok --out-dir plain "${small[@]}"
okng bank merge bank plain --out differ --quiet; echo "exit $?"
ls -d none differ 2>&1
