# needs: release
# A part of a file whose publisher states no SHA-256 is continued while the server has the same edition, and begun anew for another.
serve=$(dirname "$OKNG")/tests/serve_slowly
weights() { # weights BYTE COUNT: a safetensors file
    local head
    head=$(printf '{"a":{"dtype":"U8","shape":[%d],"data_offsets":[0,%d]}}' "$2" "$2")
    printf "\\x$(printf %02x ${#head})\\0\\0\\0\\0\\0\\0\\0%s" "$head"
    head -c "$2" /dev/zero | tr '\0' "$1"
}
weights x 3000 >one
weights y 3000 >other
get() { # get FILE SECONDS: from a server of its own; says from which byte it was served
    local server
    "$serve" "$1" 500 >port 2>from & server=$!
    until [ -s port ]; do sleep 0.01; done
    timeout "$2" "$OKNG" weights get clip-tinyclip-8m-16 --url "http://127.0.0.1:$(cat port)" --out w.pt --quiet
    echo "exit $?, served from $(sed 's/^[1-9].*/the middle/' from | paste -sd' ')"
    kill $server && wait $server 2>killed
    rm port
}
get one 1
ls -A | grep okng-part
get one 20
cmp one w.pt && ls -A | grep -c okng-part
rm w.pt w.pt.sha256
get one 1
get other 20
cmp other w.pt && rm w.pt w.pt.sha256
# one that nobody knows the edition of
get one 1
rm .w.pt.okng-part-edition
get one 20
cmp one w.pt
