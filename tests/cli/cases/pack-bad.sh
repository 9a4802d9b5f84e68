# needs: bank
try() { okng "$@"; echo "exit $?"; }
try pack --bank-dir bank
try pack --bank-dir bank --out part.okng --precision fp8
try pack --bank-dir nowhere --out part.okng
try pack --bank-dir bank --out bank/part.okng
try pack --bank-dir bank --out ok
echo text >text && try pack --bank-dir bank --out text
try pack --bank-dir text --out part.okng
ls -A | grep -c okng
okng pack --bank-dir bank --out part.okng --quiet
# Cut off, longer, a byte changed: in the header, a document, the rows.
size=$(stat -c %s part.okng)
head -c 100 part.okng >cut && try bank show cut
head -c $((size - 1)) part.okng >cut && try bank show cut
{ cat part.okng; echo; } >longer && try bank show longer
change() { cp part.okng changed && printf '\xff' | dd of=changed bs=1 seek="$1" conv=notrunc 2>dd.log; }
change 17 && try bank show changed
change 4100 && try infer --bank-dir changed --img ng/000.png
change $((size - 9)) && try bank show changed
okng bank show bank --json >show.json
change $((4096 * 5 + 77)) && try infer --bank-dir changed --img ng/000.png
# Of a newer version: the header's sum is of all before it, so this one is damaged first of all.
change 8 && try bank show changed
# A signature is asked for, and there is none.
openssl genpkey -algorithm ed25519 -out key.pem 2>openssl.log && openssl pkey -in key.pem -pubout -out key.pub
openssl genpkey -algorithm ed25519 -out other.pem 2>openssl.log && openssl pkey -in other.pem -pubout -out other.pub
try pack --bank-dir part.okng --verify-key key.pub
try pack --bank-dir bank --out signed.okng --sign key.pub
try pack --bank-dir bank --out signed.okng --sign key.pem --quiet
try pack --bank-dir signed.okng --verify-key key.pub
try pack --bank-dir signed.okng --verify-key other.pub
try infer --bank-dir signed.okng --verify-key key.pub --img ng/000.png
try infer --bank-dir signed.okng --verify-key other.pub --img ng/000.png
try infer --bank-dir signed.okng --verify-key key.pub --weights resnet18.safetensors --img ng/000.png
try pack --bank-dir signed.okng --verify-key key.pem
try bank set signed.okng --threshold-image 1
try pack --bank-dir bank --verify-key key.pub
# A full disk: the recipe that was there stays, with nothing beside it.
cp part.okng before && (trap '' XFSZ && ulimit -f 100 && try pack --bank-dir bank --out part.okng --precision fp16)
cmp part.okng before && ls -A | grep part
