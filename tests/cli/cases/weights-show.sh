# needs: fixture
okng weights show resnet18.safetensors
okng weights show resnet18.safetensors --json | sed -n 1,13p
