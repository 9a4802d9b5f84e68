# needs: history
# What cannot be is refused, and nothing is made or changed.
try() { okng log "$@" || echo "exit $?"; }
try list nothing
try judge nothing --id 1 --as OK
ls
"$WRITE_HISTORY" h 2 >ids
try list h --verdict FINE
try list h --judged maybe
try list h --from yesterday
try list h --limit 0
try stats h --hours 745
try judge h --id 1 --as OK
try judge h --id "$(head -n 1 ids)" --as REVIEW
try export h
try export h --out h/history.db
try export h --format csv --out h/pictures/x.csv
try export h --out copy.db --bank nut
try export h --format xml
echo "not SQLite, and longer than a header would be: ........................................................................" >text.db
try list text.db
cp h/history.db later.db && sqlite3 later.db 'PRAGMA user_version = 99' && try list later.db
sqlite3 other.db 'CREATE TABLE t (x)' && try list other.db
try check h
