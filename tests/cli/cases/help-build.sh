# What `okng build` says about its own options.
okng build --help | sed -n "/^Options of this verb/,/^$/p"
