# needs: fixture
mkdir many
for i in $(seq 600); do ln -s "$PWD/ok/00$((i % 8)).png" "many/$i.png"; done
"$OKNG" build --ok-dir many --out-dir mine --backbone resnet18 --weights resnet18.safetensors --resize 512x512 --quiet &
for i in $(seq 200); do
    ls -A | grep -q lock && break
    sleep 0.05
done
okng build --ok-dir ok --out-dir mine "${small[@]}"
echo "exit $?"
kill -INT $!
wait $!
echo "exit $?"
ls -A
