# needs: bank
# needs: history
# A line that inspects a folder: what it prints, what it hands on, how it ends; and a line.yaml that is wrong.
mkdir banks in
cp -r bank/ banks/part
cat >line.yaml <<'YAML'
banks: banks
recipe: 1
recipes: {1: part}
sources:
  inbox: {kind: folder, path: in, settle: 0.1}
sinks:
  results: {kind: files, path: out, sort: verdict}
  log: {kind: history, path: history}
YAML
okng line --config line.yaml --check
cp ng/000.png in/bad.png
printf 'no picture' >in/text.png
cat >alarm <<'SH'
#!/bin/sh
echo "alarm: $OKNG_VERDICT $OKNG_PICTURE" >>alarms
SH
chmod +x alarm
"$OKNG" line --config line.yaml --on-ng "$PWD/alarm" >told 2>states &
line=$!
for _ in $(seq 400); do [ "$(cat alarms 2>/dev/null | wc -l)" = 2 ] && [ -d out/NG ] && [ -d out/NOT_INSPECTED ] && break; sleep 0.05; done
kill "$line"
wait "$line"
echo "ended with $?"
sed 's/^[^ ]* *//; s/ [0-9.]* *[0-9]* ms/ SCORE/' told | sort
sort alarms
ls out
okng log list history --json | grep -o '"verdict": "[A-Z_]*"' | sort
echo "wrong"
sed 's/kind: files/kind: fils/' line.yaml >wrong.yaml
okng line --config wrong.yaml --check
echo "ended with $?"
sed 's/settle:/setle:/' line.yaml >wrong.yaml
okng line --config wrong.yaml --check
echo "ended with $?"
sed 's/1: part/1: none/' line.yaml >wrong.yaml
okng line --config wrong.yaml --check
echo "ended with $?"
for change in 's/kind: history, path: history/kind: history/' 's/log: .*/plc: {kind: modbus}/' \
    's/log: .*/plc: {kind: modbus, plc: "plc:x"}/' 's/inbox: .*/film: {kind: video}/' 's/inbox: .*/film: {kind: video, file: none.mkv}/' \
    's/inbox: .*/camera: {kind: gstreamer}/' 's/inbox: .*/camera: {kind: gstreamer, device: a, uri: b}/' \
    's/log: .*/broker: {kind: mqtt, user: u, password_file: none.word}/' 's/log: .*/run: {kind: command, command: [.\/line.yaml]}/' \
    's/log: .*/run: {kind: command, command: [no-such-program, x]}/' 's/log: .*/run: {kind: command, command: [sh, x]}/'; do
    sed "$change" line.yaml >wrong.yaml
    okng line --config wrong.yaml --check
    echo "ended with $?"
done
okng line --config line.yaml --check --on-ng ./none
okng line --config none.yaml
