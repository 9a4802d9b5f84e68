# needs: clip
# Rows are in the order of the texts; lengths tell whether they were brought to 1.
lengths() { tail -c +129 "$1" | od -An -v -tf4 -w2048 | awk '{ s = 0; for (i = 1; i <= NF; i++) s += $i ^ 2; printf "%.3f\n", sqrt(s) }'; }
net=("${clip[@]:0:4}")
printf '\xef\xbb\xbfa photo of a nut\r\n\nNut &amp; bolt' >texts.txt
okng text-embed --text "a photo of a nut" --text damaged --text-file texts.txt "${net[@]}" --out t.npy
okng text-embed --text "a photo of a nut" --text damaged --text-file texts.txt "${net[@]}" --out unit.npy --normalize --json
lengths t.npy | awk '{ print $1 > 2 ? "long" : "short" }'
lengths unit.npy
# the same text gives the same row, from whichever place
for row in 0 2; do tail -c +129 t.npy | tail -c "+$((row * 2048 + 1))" | head -c 2048 | cksum; done | uniq | wc -l
okng text-embed --text "nut &amp; BOLT" "${net[@]}" --out one.npy --quiet
cmp <(tail -c 2048 t.npy) <(tail -c 2048 one.npy) && echo "cleaned alike"
# more than a tower reads
long=$(printf 'nut %.0s' {1..80})
okng text-embed --text "$long" "${net[@]}" --out long.npy
okng text-embed --text fine --text "$long" "${net[@]}" --out long2.npy --strict
echo "exit $?"
okng text-embed --text $'\xff' "${net[@]}" --out bad.npy
echo "exit $?"
printf 'a\0b\n' >nul.txt
okng text-embed --text-file nul.txt "${net[@]}" --out bad.npy
echo "exit $?"
: >empty.txt
okng text-embed --text-file empty.txt "${net[@]}" --out bad.npy
echo "exit $?"
okng text-embed --text-file none.txt "${net[@]}" --out bad.npy
echo "exit $?"
okng text-embed --text-file texts.txt "${net[@]}" --out texts.txt
echo "exit $?"
okng text-embed "${net[@]}" --out bad.npy
echo "exit $?"
okng text-embed --text nut "${net[@]}" --out bad.npy --layers blocks.5
echo "exit $?"
ls
# what is too long is cut, and said to be
long=$(printf 'word %.0s' {1..200})
okng text-embed --text "$long" --text short "${net[@]}" --out cut.npy
echo "$long" >long.txt
okng similarity --img ok/000.png --text long.txt "${net[@]}" --resize 96x96 --json | grep -c '"cosine"'
printf 'fine\n\nbad \377\n' >bad.txt
okng text-embed --text fine --text-file bad.txt "${clip[@]:0:4}" --out bad.npy
okng text-embed --text fine --text $'bad \377' --text-file bad.txt "${clip[@]:0:4}" --out bad.npy
