# needs: fixture
try() {
    okng build --ok-dir ok --out-dir bank --backbone resnet18 --resize 64x64 --weights "$@"
    echo "exit $?"
}
# the legacy container's magic number, protocol and system information, then a pickle that would call os.system
head='\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03.\x80\x02}.'
printf "$head"'\x80\x02cposix\nsystem\nX\x0a\0\0\0touch gone\x85R.' >call.pth && try call.pth
printf "$head"'\x80\x02X\xff\xff\xff\x7fa.' >long.pth && try long.pth
{ printf "$head"'\x80\x02' && head -c 100000 /dev/zero | tr '\0' '('; } >deep.pth && try deep.pth
printf '\xff\xff\xff\xff\xff\xff\xff\x7f{}' >huge.safetensors && try huge.safetensors
ls
