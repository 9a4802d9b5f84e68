# needs: bank
# A picture of more than --result-pixels: results at a whole part of its size, the score of all of it.
le() { # BYTES NUMBER, little endian
    local value=$2
    for ((i = 0; i < $1; i++)); do
        printf "\\x$(printf %02x $((value & 255)))"
        value=$((value >> 8))
    done
}
entry() { le 2 "$1"; le 2 "$2"; le 4 1; le 4 "$3"; } # TAG TYPE VALUE
width=2100 height=2001
pixels=$((width * height))
{
    printf 'II*\0'
    le 4 $((8 + pixels))
    head -c 1500000 /dev/zero | tr '\0' 'x'
    yes 'part of what is seen' | head -c $((pixels - 1500000))
    le 2 8
    entry 256 4 $width; entry 257 4 $height; entry 258 3 8; entry 259 3 1
    entry 262 3 1; entry 273 4 8; entry 278 4 $height; entry 279 4 $pixels
    le 4 0
} > large.tif
score() { grep -o '"image_score": [0-9.e+-]*' "$1/scores.json"; }
side() { od -An -tu1 -j "$2" -N 4 "$1" | awk '{ print $3 * 256 + $4 }'; } # of a PNG
okng infer --bank-dir bank --img large.tif --out-dir small --result-pixels 1000000 | tail -2
okng infer --bank-dir bank --img large.tif --out-dir whole --quiet
[ "$(score small)" = "$(score whole)" ] && echo same score
grep -A4 '"size"\|"scale"' small/scores.json | tr -d ' \n'; echo
grep -c '"scale"' whole/scores.json
for result in small whole; do echo $(side $result/mask.png 16) x $(side $result/mask.png 20); done
okng infer --bank-dir bank --img large.tif --out-dir all --result-pixels all --json | grep -c scale
true
