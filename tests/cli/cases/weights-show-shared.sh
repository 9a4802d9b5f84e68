# needs: shared weights/resnet18-imagenet-to-layer3.pth
okng weights show "$SHARED/weights/resnet18-imagenet-to-layer3.pth" | tail -n 3
