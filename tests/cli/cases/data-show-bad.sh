# needs: fixture
# What is wrong with a data set is said with its path.
mkdir -p parts/nut/{train/good,test/crack,ground_truth/crack} && cp ok/000.png parts/nut/train/good
okng data show --dataset mvtec --root parts
cp ng/000.png parts/nut/test/crack
okng data show --dataset mvtec --root parts
okng data show --dataset mvtec --root parts --category nuts
okng data show --dataset mvtek --root parts
okng data show --dataset folder --root parts
okng data show --dataset mvtec --root parts --k-shot many
okng data show --dataset mvtec --root parts --normal nut
okng data show --dataset mvtec
okng data show --dataset mvtec --root nowhere
