#!/bin/sh
# A daemon of the old kind: it goes into the background, writes its pidfile, and does not care for
# SIGTERM. SIGINT ends it, but not its helper.
pidfile=$1

if [ "${2:-}" != in-background ]; then
        rm -f "$pidfile"
        setsid --fork sh "$0" "$pidfile" in-background
        while [ ! -e "$pidfile" ]; do sleep 0.1; done
        exit 0
fi

helper() {
        trap '' TERM INT
        while :; do sleep 1; done
}

trap '' TERM
trap 'echo "legacyd: bye"; rm -f "$pidfile"; exit 0' INT
helper &
echo $$ >"$pidfile.new"
mv "$pidfile.new" "$pidfile"
echo "legacyd: at work"
while :; do
        sleep 1 &
        wait $!
done
