okng weights show nowhere.pth
echo "exit $?"
echo text >a.pth && okng weights show a.pth
echo "exit $?"
printf '\x02\0\0\0\0\0\0\0{}' >none.safetensors && okng weights show none.safetensors
echo "exit $?"
