# needs: clip
printf 'a photo of a perfect part\n\n  \na "damaged", bad part\n' >texts.txt
mkdir parts && cp ok/000.png ok/001.png parts && cp ng/000.png parts/bad.png
okng similarity --img parts --text texts.txt "${clip[@]}" | sed -E 's/-?0\.[0-9]{4}/N/g'
okng similarity --img parts --text texts.txt "${clip[@]}" --softmax | tail -n 1
okng similarity --img parts --text texts.txt "${clip[@]}" --softmax --csv >shares.csv
head -n 1 shares.csv
tail -n +2 shares.csv | awk -F, '{ printf "%s %.4f\n", $1, $2 + $3 }'
# the cosine is that of the vectors that the other verbs write
okng text-embed --text-file <(grep part texts.txt) "${clip[@]:0:4}" --out t.npy --normalize --quiet
okng embed --img parts --out p.npy "${clip[@]}" --output image --normalize --quiet
okng knn --bank t.npy --query p.npy --k 2 --out d.npy --indices i.npy --distance cosine --quiet
okng similarity --img parts --text texts.txt "${clip[@]}" --csv | tail -n +2 | awk -F, '{ printf "%.5f %.5f\n", 1 - ($2 > $3 ? $2 : $3), 1 - ($2 > $3 ? $3 : $2) }' >one
tail -c 24 d.npy | od -An -v -tf4 -w8 | awk '{ printf "%.5f %.5f\n", $1, $2 }' >other
paste -d' ' one other | awk '{ print ($1 - $3) ^ 2 < 1e-9 && ($2 - $4) ^ 2 < 1e-9 ? "the same" : $0 }'
okng similarity --img parts/000.png --text texts.txt "${clip[@]}" --softmax --json | sed -E 's/-?[0-9]+\.[0-9]+(e-[0-9]+)?/N/g'
# one that cannot be read
echo "no picture" >parts/broken.png
okng similarity --img parts --text texts.txt "${clip[@]}" --csv | cut -d, -f1
echo "exit ${PIPESTATUS[0]}"
okng similarity --img parts/broken.png --text texts.txt "${clip[@]}"
echo "exit $?"
okng similarity --img parts --text none.txt "${clip[@]}"
echo "exit $?"
okng similarity --img parts --text texts.txt "${clip[@]}" --csv --json
echo "exit $?"
okng similarity --img parts --text texts.txt
echo "exit $?"
okng similarity --img none --text texts.txt "${clip[@]}"
echo "exit $?"
# a text that is none is told by its line, whatever was passed over before it
printf 'fine\n\n \nbad \377\n' >bad.txt
okng similarity --img ng --text bad.txt "${clip[@]}"
okng similarity --img ng --text <(cat bad.txt) "${clip[@]}"
