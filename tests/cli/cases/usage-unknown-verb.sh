for verb in biuld zebra "bank" "bank hide" "weights" "help zebra"; do
    okng $verb
    echo "exit $?"
done
