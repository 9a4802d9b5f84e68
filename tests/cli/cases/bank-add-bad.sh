# What cannot be added to, or added.
# needs: fixture
mkdir empty text
echo no > text/a.png
cp resnet18.safetensors own.safetensors
okng build --ok-dir ok --out-dir bank --backbone resnet18 --weights own.safetensors --quiet
cp -r bank before
okng bank add nowhere --ok-dir ok
okng bank add empty --ok-dir ok
okng bank add bank --ok-dir empty
okng bank add bank --ok-dir nowhere
okng bank add bank --ok-dir text
okng bank add bank
okng bank add --ok-dir ok
okng bank add bank --ok-dir ng --out-dir text
okng bank add bank --ok-dir ng --out-dir bank/inside
okng bank add bank --ok-dir ng --weights ok/000.png
mv own.safetensors elsewhere.safetensors
okng bank add bank --ok-dir ng
okng bank add bank --ok-dir ng --weights elsewhere.safetensors --out-dir moved --quiet && okng bank show moved | grep -o 'elsewhere.safetensors' | head -1
diff -r bank before && echo "the bank is as it was"
cp -r bank cut
truncate -s -1000 cut/ledger.safetensors
okng bank add cut --ok-dir ng --weights elsewhere.safetensors
ls -A
echo "-- without what calibration found, and an ensemble"
okng build --ok-dir ok --out-dir other --method subspace --calibration train --quiet
okng bank add other --ok-dir ng
mkdir ensemble
echo '{}' > ensemble/ensemble.json
okng bank add ensemble --ok-dir ng
