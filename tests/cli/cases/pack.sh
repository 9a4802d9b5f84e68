# needs: bank
okng pack --bank-dir bank --out part.okng
okng pack --bank-dir bank --out again.okng --json | tr -d ' \n' | sed 's/:[0-9][0-9]*/:N/'
echo
cmp part.okng again.okng && echo the same bytes
# The folder's results, byte for byte, with nothing else there.
okng infer --bank-dir bank --img ok ng --out-dir folder --save-map --quiet
mkdir alone && mv part.okng alone && mv bank away && mv resnet18.safetensors resnet18.away
okng infer --bank-dir alone/part.okng --img ok ng --out-dir recipe --save-map --quiet
sed 's#alone/part.okng#bank#' recipe/run.json >run.json && mv run.json recipe/run.json
diff -r folder recipe && echo the same results
mv away bank && mv resnet18.away resnet18.safetensors
# A recipe of a recipe.
okng pack --bank-dir alone/part.okng --out again.okng --quiet && cmp again.okng alone/part.okng && echo the same bytes
# What it is.
okng bank show alone/part.okng | sed -n '/  files/,/  thresholds/p' | sed 's/[0-9][0-9.]* [KM]iB/SIZE/; s/  bytes .*/  bytes N/'
okng bank show alone/part.okng --json >show.json && grep -c '"sha256"' show.json
# Thresholds.
okng bank set alone/part.okng --threshold-image 100
okng infer --bank-dir alone/part.okng --img ng/000.png | tail -1
okng bank set alone/part.okng --reset --quiet
okng infer --bank-dir alone/part.okng --img ng/000.png | tail -1
