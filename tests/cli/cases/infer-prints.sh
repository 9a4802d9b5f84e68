# needs: bank
# needs: clip
# Without a folder of results: scores and verdicts on stdout, and nothing is written. Of words alone there is no verdict, which is said.
figures() { sed -E 's/[0-9]+\.[0-9]+/N/g'; }
winclip=(--method winclip --class-name "metal nut" "${clip[@]}")
okng infer "${winclip[@]}" --img ng ok/000.png | figures
okng infer "${winclip[@]}" --img ng --threshold-image 0.1 --exit-code | figures; echo "exit ${PIPESTATUS[0]}"
okng infer "${winclip[@]}" --img ng --json | grep -E '"(out|image_tau|verdict|skipped|ok)"'
okng infer "${winclip[@]}" --img ng --exit-code
okng infer "${winclip[@]}" --img ng --false-alarm 0.1
okng infer "${winclip[@]}" --img ng --review 0.1,0.2
okng infer --bank-dir bank --img ng ok/000.png | figures
okng infer --bank-dir bank --img ng --quiet --exit-code; echo "exit $?"
okng infer --bank-dir bank --img ok ng --json | grep -E '"(skipped|ok|review|ng)"'
echo none >bad.png
okng infer --bank-dir bank --img bad.png ok/000.png --exit-code | figures; echo "exit ${PIPESTATUS[0]}"
okng infer --bank-dir bank --img bad.png; echo "exit $?"
okng infer --bank-dir bank --img bad.png ok --strict; echo "exit $?"
mkdir phone && cp ok/000.png phone && echo none >phone/b.heic # what cannot be read is said to whoever asks for exits
okng infer --bank-dir bank --img phone --exit-code --quiet; echo "exit $?"
okng infer --bank-dir bank --img phone --json | grep -E '"(skipped|left_out)"'
for option in --append --stamp --report --save-map "--fuse-ref ok/000.png"; do okng infer --bank-dir bank --img ng $option; done
ls
