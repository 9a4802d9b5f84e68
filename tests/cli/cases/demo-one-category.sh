# needs: fixture
# One product from pictures to report; the report holds all that it shows.
okng demo --out out --category washer "${small[@]}" --coreset 0.01
ls out out/washer
grep -c '<section' out/report.html
grep -oE '(src|href)="(http|[^d#])[^"]*' out/report.html
true
