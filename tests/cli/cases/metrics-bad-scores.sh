try() {
    okng metrics --scores "$1"
    echo "exit $?"
}
try nowhere.csv
: >empty.csv && try empty.csv
printf 'score;label\n1;0\n' >semicolons.csv && try semicolons.csv
printf 'score,label\n1,0\n\nhigh,1\n' >word.csv && try word.csv
printf 'score,label\n1,0\n2,maybe\n' >label.csv && try label.csv
printf 'score,label\n1,0\n2\n' >short.csv && try short.csv
printf 'score,label\n"1,0\n' >open.csv && try open.csv
try .
okng metrics
echo "exit $?"
okng metrics --maps .
echo "exit $?"
okng metrics --masks .
echo "exit $?"
okng metrics --scores word.csv --pro-mode steps
echo "exit $?"
okng metrics --maps . --masks . --pro-mode sometimes
echo "exit $?"
