# needs: mvtec
# What is wrong with a submission is said before anything is learnt.
try() { okng eval "${small[@]}" --latency-runs 0 --examples 0 --quiet "$@"; echo "exit $?"; }
try --root mvtec --submission out
mkdir -p ad2/can/{train,validation,test_public/ground_truth/bad,test_public/bad} old && touch old/notes.txt
cp -r mvtec/cloth/train/good ad2/can/train/good
cp -r mvtec/cloth/train/good ad2/can/validation/good
cp -r mvtec/cloth/test/good ad2/can/test_public/good
cp mvtec/cloth/test/scratch/000.png ad2/can/test_public/bad
cp mvtec/cloth/ground_truth/scratch/000_mask.png ad2/can/test_public/ground_truth/bad
try --dataset mvtec-ad-2 --root ad2 --submission old
try --dataset mvtec-ad-2 --root ad2 --submission new
mkdir -p ad2/can/test_private{,_mixed} && cp ng/000.png ad2/can/test_private/000_regular.png
try --dataset mvtec-ad-2 --root ad2 --submission new
cp ng/000.png ad2/can/test_private_mixed/000_mixed.png
okng eval "${small[@]}" --latency-runs 0 --examples 0 --dataset mvtec-ad-2 --root ad2 --submission new | tail -n 1
# what was submitted before is not looked at again; a picture that is gone is
rm new/anomaly_images/can/test_private/000_regular.tiff new.tar.gz
try --dataset mvtec-ad-2 --root ad2 --submission new
find new* -type f | sort
# a name that the server does not take
mv ad2/can/test_private/000_regular.png ad2/can/test_private/part.png
try --dataset mvtec-ad-2 --root ad2 --submission new
ls
