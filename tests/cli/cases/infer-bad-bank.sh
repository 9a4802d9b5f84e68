# needs: bank
try() {
    okng infer --bank-dir "$1" --img ok/000.png --out-dir out "${@:2}"
    echo "exit $?"
}
try nowhere
mkdir empty && try empty
try ok/000.png
cp -r bank/ notau && rm notau/tau.json && try notau
cp -r bank/ norows && rm norows/memory_bank.pt && try norows
cp -r bank/ edited && sed -i 's/"neighbors": "9"/"neighbors": "3"/' edited/bank_config.json && try edited
cp -r bank/ notjson && head -c 200 bank/bank_config.json >notjson/bank_config.json && try notjson
cp -r bank/ cut && head -c 40000 bank/memory_bank.pt >cut/memory_bank.pt && try cut
cp -r bank/ other && printf 'x' | dd of=other/memory_bank.pt bs=1 seek=30000 conv=notrunc status=none && try other
cp -r bank/ nan && sed -i 's/"image": [0-9.]*/"image": "high"/' nan/tau.json && try nan
ls
