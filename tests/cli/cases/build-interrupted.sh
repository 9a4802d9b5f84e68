# needs: bank
# SIGINT in the middle: exit code 130, the old bank whole, nothing left beside it.
cp -r bank/ mine
mkdir many
for i in $(seq 600); do ln -s "$PWD/ok/00$((i % 8)).png" "many/$i.png"; done
"$OKNG" build --ok-dir many --out-dir mine --backbone resnet18 --weights resnet18.safetensors --resize 512x512 --coreset 0.5 &
for i in $(seq 200); do
    ls -A | grep -q lock && break
    sleep 0.05
done
kill -INT $!
wait $!
echo "exit $?"
diff -r bank mine
ls -A
