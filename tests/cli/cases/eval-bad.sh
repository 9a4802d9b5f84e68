# needs: mvtec
# What is wrong is named before any work is done.
okng eval
echo "exit $?"
okng eval --root mvtec --categry cloth
echo "exit $?"
okng eval --root mvtec --category clot
echo "exit $?"
okng eval --root nowhere
echo "exit $?"
okng eval --root mvtec --dataset mvtc
echo "exit $?"
okng eval --root mvtec --method patchcare
echo "exit $?"
okng eval --root mvtec --k-shot some
echo "exit $?"
okng eval --root mvtec "${small[@]}" --k-shot 100 --quiet
echo "exit $?"
okng eval --root mvtec --pro-mode near
echo "exit $?"
okng eval --root mvtec --examples few
echo "exit $?"
okng eval --root mvtec --name ../elsewhere
echo "exit $?"
ls
