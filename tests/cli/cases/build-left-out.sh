# needs: fixture
# needs: warnings
# Names to leave out, a picture that cannot be read, and the oddest: each is told, and the exit code tells what was skipped.
cp -rL ok good
head -c 300 ok/001.png >good/cut.png
mkdir bank.untrimmed # a folder of somebody's own
echo mine >bank.untrimmed/notes
printf '# a list\n000.png\n\n  002.png \n' >names
okng build --ok-dir good --out-dir bank "${small[@]}" --quiet || echo "exit $?"
okng build --ok-dir good --out-dir bank "${small[@]}" --exclude names --skip-bad --trim 1 || echo "exit $?"
ls -d bank*
cat bank.untrimmed/notes
okng build --ok-dir good --out-dir bank "${small[@]}" --exclude names --skip-bad --trim 2 --quiet --json >json || echo "exit $?"
sed -n '/"pictures"/p; /"excluded"/p; /"skipped"/,$p' json
rm good/cut.png
printf '000.png\nnot/there.png\nok/001.png\n' >names
okng build --ok-dir good --out-dir bank "${small[@]}" --exclude names || echo "exit $?"
okng build --ok-dir good --out-dir bank "${small[@]}" --exclude nowhere || echo "exit $?"
okng build --ok-dir good --out-dir bank "${small[@]}" --trim 8 --quiet || echo "exit $?"
okng build --ok-dir good --out-dir bank "${small[@]}" --trim -1 || echo "exit $?"
ls good | okng build --ok-dir good --out-dir bank "${small[@]}" --exclude /dev/stdin || echo "exit $?"
