# needs: bank
# Files that may not grow and a terminal that goes away leave nothing beside the old bank.
cp -r bank/ mine
(
    ulimit -f 16
    okng build --ok-dir ok --out-dir mine "${small[@]}" --coreset 1
)
echo "exit $?"
mkdir many
for i in $(seq 600); do ln -s "$PWD/ok/00$((i % 8)).png" "many/$i.png"; done
"$OKNG" build --ok-dir many --out-dir mine --backbone resnet18 --weights resnet18.safetensors --resize 512x512 --coreset 0.5 &
for i in $(seq 200); do
    ls -A | grep -q lock && break
    sleep 0.05
done
kill -HUP $!
wait $!
echo "exit $?"
diff -r bank mine
ls -A
