# needs: bank
# Which bank of a folder a picture is of: by vectors that banks keep, made of their good pictures.
mkdir banks && cp -r bank/ banks/weave && cp -r bank/ banks/other
(printf 'P6 80 72 255\n'; head -c 17280 "$OKNG") >noise.ppm
figures() { sed -E 's/[0-9]+\.[0-9]+/N/g'; }
okng route --banks banks --img ok/000.png ng | figures
okng route --banks banks --img noise.ppm --exit-code | figures; echo "exit ${PIPESTATUS[0]}"
okng route --banks banks --img ok/001.png --json | grep '"bank"\|"margin"'
ls banks/weave
echo "the pictures may go once the bank has its vectors, and a recipe takes them along"
mv ok away
okng route --banks banks --img away/000.png --quiet; echo "exit $?"
rm banks/other/route.safetensors
okng pack --bank-dir banks/weave --out banks/packed.okng --quiet
okng route --banks banks --img away/002.png | figures
okng route --bank-dir banks/other --ok-dir away
okng route --banks banks --img away/002.png | figures
try() { okng route "$@"; echo "exit $?"; }
try --banks banks --bank-dir banks/other --ok-dir away
try --bank-dir away --ok-dir away
try --bank-dir banks/other --ok-dir ng
mkdir empty && try --banks empty --img ng
