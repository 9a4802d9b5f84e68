# A stand-in whose SHA-256 begins as that of the real file, so that nothing large has to come.
mkdir server
echo "okng 211c9da0" >server/wide_resnet50_2-95faca4d.pth
export XDG_CACHE_HOME=$PWD/cache
cached=cache/okng/weights/wide_resnet50_2-95faca4d.pth
part=cache/okng/weights/.wide_resnet50_2-95faca4d.pth.okng-part
okng weights get wide_resnet50_2 --url "file://$PWD/server" --json
okng weights get wide_resnet50_2 --url "file://$PWD/server" --quiet
okng weights get wide_resnet50_2
okng weights list | grep yes
# continued: first part there, all of it there, more than all of it there
for there in "okng 2" "okng 211c9da0
" "okng 211c9da0 and more than that"; do
    rm "$cached"
    printf '%s' "$there" >$part
    okng weights get wide_resnet50_2 --url "file://$PWD/server/"
    cat "$cached"
done
# a wrong first part: refused, removed; then it comes anew
rm "$cached"
printf 'nonsense' >$part
okng weights get wide_resnet50_2 --url "file://$PWD/server"
echo "exit $?"
okng weights get wide_resnet50_2 --url "file://$PWD/server" --out one/two/w.pth
ls cache/okng/weights one/two
