# needs: bank
# A page of all pictures, with what it shows beside it.
mkdir in && cp ok/000.png in/a.png && cp ng/000.png 'in/b <&>.png' && echo text >in/c.png && cp ok/001.png in/report.html.png
okng infer --bank-dir bank --img in --out-dir out --report --review 1,2 2>/dev/null
ls out out/report_files
ls out/report_files/crops # why the second is NG
ls out/report_files/thumbs out/report_files/pictures | sort | uniq -c | sed 's/^ *//'
grep -c '<&>' out/report.html out/report_files/data.js
grep -o '"verdict": *-*[0-9]' out/report_files/data.js | tr -d ' ' | sort | uniq -c | sed 's/^ *//'
grep -c 'overlay.png' out/report_files/data.js
echo "one picture"
okng infer --bank-dir bank --img in/a.png --out-dir one --report --quiet && ls one
okng infer --bank-dir bank --img in/a.png --out-dir one --report --append
echo "exit $?"
