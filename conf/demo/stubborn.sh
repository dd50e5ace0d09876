#!/bin/sh
# A worker that ignores SIGTERM, and so does its child.
trap '' TERM INT
echo "stubborn: nobody stops me"
while :; do
        sleep 60
done
