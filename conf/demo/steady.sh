#!/bin/sh
# A worker that does something every few seconds and ends at once on SIGTERM.
trap 'echo "steady: asked to stop, done"; kill "$!"; exit 0' TERM INT
n=0
while :; do
        n=$((n + 1))
        echo "steady: job $n done"
        sleep 5 &
        wait "$!"
done
