okng build --ok-dirr ok
echo "exit $?"
okng build --imge-score max
echo "exit $?"
okng build --zzzzzzzzzzz 1
echo "exit $?"
okng build --save-map
echo "exit $?"
okng infer --crop 224
echo "exit $?"
okng build -x
echo "exit $?"
okng build ok bank
echo "exit $?"
okng bank show a b
echo "exit $?"
