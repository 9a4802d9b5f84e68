# needs: history
# What is recorded is listed, judged, counted, checked and handed over, while somebody else has it open.
export OKNG_TEST_TIME=1790000000
"$WRITE_HISTORY" banks/.okng-serve/history 16 nut ng/000.png >ids
unset OKNG_TEST_TIME
okng log list banks --verdict NG,REVIEW
okng log list banks --limit 1 --json
okng log list banks --from 2026-09-21T14:14:30 --to 2026-09-21T23:15+09:00 --judged none
okng log judge banks --id "$(sed -n 4p ids)" --as OK --by Kim
okng log list banks --judged OK --quiet
okng log changes banks | cut -c 27-
"$WRITE_HISTORY" now 8 bolt >/dev/null
okng log stats now --hours 2 | tail -n 2
okng log stats now --bank bolt --json | grep -c '"median"'
okng log check banks
echo "--- handed over"
okng log export banks --out copy.db
okng log list copy.db --limit 1 --quiet
okng log export copy.db --format csv --verdict NG
okng log export banks/.okng-serve/history --format json --limit 2 --out out/two.json
grep -c '"id":' out/two.json
echo "--- a picture is gone"
rm banks/.okng-serve/history/pictures/*/*3-picture.png
okng log check banks || echo "exit $?"
