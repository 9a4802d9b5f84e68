# needs: fixture
# A layout is looked at before it is run.
set_of() { for name in "${@:2}"; do mkdir -p "$(dirname "$1/$name")" && cp ng/000.png "$1/$name"; done; }
set_of parts nut/train/good/{0,1,2,3}.png nut/test/good/0.png nut/test/crack/{0,1}.png nut/test/dent/0.png \
    nut/ground_truth/crack/{0,1}_mask.png nut/ground_truth/dent/0_mask.png bolt/train/good/0.png bolt/test/good/0.png
okng data show --dataset mvtec --root parts
okng data show --dataset mvtec --root parts --category nut --k-shot 2 --validation 0.25 --max-test-samples 2 --json
mkdir line && cp -r ok ng line
okng data show --dataset folder --root line --normal ok --abnormal ng
okng data show --dataset mvtec --root parts --quiet
# pictures of kinds that are not read are named, those of the categories that are shown
printf '\0\0\0\x18ftypheic\0\0\0\0' >parts/nut/train/good/9.heic && cp parts/nut/train/good/9.heic parts/bolt/
okng data show --root parts --category nut --quiet
okng data show --dataset folder --root parts --normal bolt/train/good --abnormal nut/test/crack --quiet
