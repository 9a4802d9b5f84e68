# needs: shared weights/vit_tiny_patch16_224.safetensors
okng weights show "$SHARED/weights/vit_tiny_patch16_224.safetensors" | tail -n 2
okng weights show "$SHARED/weights/vit_tiny_patch16_224.safetensors" --json | grep -A5 '"fits"'
