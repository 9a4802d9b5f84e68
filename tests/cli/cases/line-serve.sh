# needs: bank
# needs: history
# The same line inside the server: its state, a change of recipe and who made it, its metrics, its results in the history.
mkdir banks in
cp -r bank/ banks/part
cp -r bank/ banks/other
cat >line.yaml <<'YAML'
recipe: 1
recipes: {1: part, 2: other}
sources:
  inbox: {kind: folder, path: in, settle: 0.1}
YAML
"$OKNG" serve --banks banks --listen 127.0.0.1:0 --line line.yaml >told 2>states &
server=$!
for _ in $(seq 200); do grep -q listening told && break; sleep 0.05; done
at=$(grep -o 'http://[^/]*' told)
ask() { curl -s --max-time 10 "$@"; }
cp ng/000.png in/bad.png
for _ in $(seq 200); do ask "$at/v1/inspections" | grep -q bad.png && break; sleep 0.05; done
ask "$at/v1/inspections" | grep -o '"source":"[^"]*","picture":"[^"]*"\|"verdict":"[^"]*"\|"recipe_number":[^,]*'
ask "$at/v1/line" | grep -o '"bank":"[^"]*","recipe":[0-9]*\|"counts":{[^}]*}'
ask -X PUT "$at/v1/line/recipe" -H 'Content-Type: application/json' -d '{"number":2}'; echo
ask -X PUT "$at/v1/line/recipe" -H 'Content-Type: application/json' -d '{"number":7}'; echo
ask -X PUT "$at/v1/line/recipe" -H 'Content-Type: application/json' -d '{"number":"2"}' | grep -o '"status":[0-9]*'
ask -X POST "$at/v1/line/trigger" | grep -o '"status":[0-9]*'
ask -X POST "$at/v1/line/trigger?source=none" | grep -o '"status":[0-9]*'
ask "$at/v1/changes" | grep -o '"what":"recipe","bank":"[^"]*"'
ask "$at/metrics" | grep -E '^okng_line_(results_total.verdict="NG".|recipe|sent_total.*) '
ask "$at/readyz"; echo
kill "$server"
wait "$server"
echo "ended with $?"
grep -o 'recipe 2: .*' states
"$OKNG" serve --banks banks --listen 127.0.0.1:0 >told 2>states &
server=$!
for _ in $(seq 200); do grep -q listening told && break; sleep 0.05; done
ask "$(grep -o 'http://[^/]*' told)/v1/line"; echo
kill "$server"
wait "$server"
