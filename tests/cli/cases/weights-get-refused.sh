# needs: fixture
# What comes must have the hash that its name promises; nothing else is kept.
mkdir server
cp "$(realpath resnet18.safetensors)" server/resnet18-f37072fd.pth
okng weights get resnet18 --url "file://$PWD/server" --out here/resnet18.pth
echo "exit $?"
ls here
okng weights get resnet18 --url "file://$PWD/nowhere" --out here/resnet18.pth
echo "exit $?"
okng weights get resnet18 --url "ftp://localhost" --out here/resnet18.pth
echo "exit $?"
okng weights get resnet18 --url "http://127.0.0.1:1" --out here/resnet18.pth
echo "exit $?"
echo other >here/resnet18.pth
okng weights get resnet18 --url "file://$PWD/server" --out here/resnet18.pth
echo "exit $?"
: >file
okng weights get resnet18 --url "file://$PWD/server" --out file/resnet18.pth
echo "exit $?"
okng weights get resnet19
echo "exit $?"
env -u HOME "$OKNG" weights get resnet18 --url "file://$PWD/server"
echo "exit $?"
ls here
