okng weights list
okng weights list --json | sed -n 1,12p
