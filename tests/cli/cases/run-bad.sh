# needs: mvtec
# Errors name file and line, or the setting.
okng run
echo "exit $?"
okng run --config missing.yaml
echo "exit $?"
printf 'data:\n  root: mvtec\n  categry: cloth\n' >bad.yaml
okng run --config bad.yaml
echo "exit $?"
printf 'data:\n  root: mvtec\n' >good.yaml
okng run --config good.yaml --set data.kshot=3
echo "exit $?"
okng run --config good.yaml --set data.k_shot=-1
echo "exit $?"
okng run --config good.yaml --set model.pretrained.root=nowhere --set model.pretrained.strict=true --set data.categories=cloth
echo "exit $?"
