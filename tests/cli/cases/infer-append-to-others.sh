# needs: bank
# What somebody added to results.csv stays as it is, byte for byte: columns, rows, quotes, line ends, blank lines.
add() { # add PICTURE: inspects it into out
    okng infer --bank-dir bank --img "$1" --out-dir out --append --quiet 2>/dev/null || echo "exit $?"
}
see() { sed 's/,[0-9.]*,\(OK\|NG\),[0-9.]*,[0-9.]*/,#,\1,#,#/; s/\r$/<CR>/' out/results.csv; }
mkdir -p in/good in/crack
cp ok/000.png in/good/a.png && cp ng/000.png in/crack/b.png && cp ok/001.png in/good/c.png && echo text >d.png
mkdir out
echo "columns between ours, a row of somebody else's, quotes, CRLF, a last line without an end"
printf '\xef\xbb\xbfnote, path ,score,"by, whom",verdict\r\n"said ""bad""\nby two",x.png,0.5,me,OK\r\n\r\n,"y.png",,"",error' >out/results.csv
add in/good/a.png
see
echo "no column is missing: what was there is the beginning of what is there"
rm -r out && mkdir out
printf 'path,score,verdict,threshold,p_value,label,note\nz.png,1,NG,0.5,,1,keep me\n' >out/results.csv
cp out/results.csv before
add in/good/a.png
head -c "$(wc -c <before)" out/results.csv | cmp - before && see
echo "a picture that was skipped comes again: its note stays"
rm -r out && mkdir out
printf 'path,note,score,verdict,threshold,p_value\nd.png,blurred,,error,,\ne.png,,,error,,\n' >out/results.csv
add d.png
cp ok/002.png d.png
add d.png
see
echo "a label that was not known"
rm -r out
add in
cut -d, -f 1,6 out/results.csv
echo "what is no table is refused and left"
printf 'path,score\n"a,1\n' >out/results.csv
okng infer --bank-dir bank --img ok/003.png --out-dir out --append --quiet
echo "exit $?"
cat out/results.csv
echo "many at once: no line is lost"
rm -r out && mkdir out
for i in 0 1 2 3 4 5; do
    cp ok/00$i.png p$i.png
    okng infer --bank-dir bank --img p$i.png --out-dir out --append --quiet --threads 1 2>/dev/null &
done
wait
cut -d, -f 1,3 out/results.csv | sort
ls -A out
