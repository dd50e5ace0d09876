#!/bin/sh
# A worker that crashes after some seconds with exit status 3.
trap 'echo "flaky: asked to stop, done"; kill "$!"; exit 0' TERM INT
echo "flaky: up, but not for long"
sleep 7 &
wait "$!"
echo "flaky: something went wrong" >&2
exit 3
