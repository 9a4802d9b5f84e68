# needs: fixture
# A model of patchcore-inspection's, an ensemble, an experiment of two categories.
golden=$(dirname "$DOCS")/tests/golden
model=(--weights resnet18.safetensors --resize 72)
cp -r "$golden/import/single" "$golden/import/ensemble" "$golden/pipeline/photo.jpg" .
okng import patchcore-inspection single --out-dir bank "${model[@]}"
okng bank show bank | sed -n '/thresholds/,$p'
okng infer --bank-dir bank --img ok --out-dir out
echo "exit $?"
okng infer --bank-dir bank --img photo.jpg --out-dir out --threshold-image 0.03
okng infer --bank-dir bank --img photo.jpg --out-dir json --threshold-image 0.03 --json | grep -E 'p_value|pixel_tau|verdict'
ls out
okng import patchcore-inspection single --out-dir bank "${model[@]}" --calibrate ok --json | grep -vE 'tau'
okng infer --bank-dir bank --img ng/000.png --out-dir ng-out --json | grep -E '"verdict'

okng import patchcore-inspection ensemble --out-dir several "${model[@]}"
okng infer --bank-dir several --img ok --out-dir none
echo "exit $?"
okng import patchcore-inspection ensemble --out-dir several "${model[@]}" --calibrate ok
ls several
okng bank show several | grep -E 'members|score_m|calibration  '
okng infer --bank-dir several --img ok --out-dir ranged | head -1
okng import patchcore-inspection ensemble --out-dir one "${model[@]}" --prepend Ensemble-1-2_ --quiet && ls one

mkdir -p run/models && cp -r single run/models/mvtec_tile && cp -r ensemble run/models/mvtec_wood
okng import patchcore-inspection run --out-dir banks "${model[@]}" --quiet
ls banks banks/wood
