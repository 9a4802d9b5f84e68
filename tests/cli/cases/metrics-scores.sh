# Image metrics of a table: columns in any order, words for labels, quotes, a byte order mark, CRLF.
printf '\xef\xbb\xbfpath,label,score\r\n"a,1.png",0,0.5\r\nb,OK,0.25\r\nc,NG,0.75\r\nd,anomaly,4e-1\r\n\r\nf,Good,nan\r\n' >scores.csv
okng metrics --scores scores.csv
okng metrics --scores scores.csv --json
okng metrics --scores scores.csv --quiet
echo "only good"
printf 'score,label\n1,0\n2,0\n' >good.csv
okng metrics --scores good.csv
okng metrics --scores good.csv --json
