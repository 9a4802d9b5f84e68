# needs: bank
# Shots of one part are left out together and counted once.
build() { okng build --out-dir grouped --backbone resnet18 --weights resnet18.safetensors --resize 64x64 --quiet "$@"; }
mkdir parts
for part in 0 1 2 3; do
    mkdir parts/$part
    cp ok/00$((2 * part)).png parts/$part/a.png
    cp ok/00$((2 * part)).png parts/$part/b.png
done
build --ok-dir parts --group folder && okng bank show grouped | grep '  group \|from'
build --ok-dir parts --group folder --calibration leave-one-out && grep -A 5 image_scores grouped/tau.json >folders
mkdir flat
for part in 0 1 2 3; do
    cp parts/$part/a.png flat/part$part-1.png
    cp parts/$part/b.png flat/part$part-2.png
done
build --ok-dir flat --group '^part([0-9])-' --calibration leave-one-out && grep -A 5 image_scores grouped/tau.json | diff - folders && echo same
build --ok-dir flat && okng bank show grouped | grep '  group \|from'
build --ok-dir flat --method subspace --group '^part([0-9])-' && okng bank show grouped | grep from
build --ok-dir flat --group folder
build --ok-dir flat --group '('
build --ok-dir flat --group 'lot([0-9]+)'
build --ok-dir flat --group 'a{9}'
