#!/bin/sh
# A worker that needs two seconds to finish its work after SIGTERM.
finish() {
        trap '' TERM INT
        echo "slow: asked to stop, writing out what is left"
        sleep 2
        echo "slow: all written, done"
        exit 0
}
trap finish TERM INT
echo "slow: working"
while :; do
        sleep 60 &
        wait "$!"
done
