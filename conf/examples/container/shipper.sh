#!/bin/sh
# Ships the lines of a file to standard output; after SIGTERM those that are left, and ends.
file=$1
shipped=0

ship() {
        lines=$(wc -l <"$file")
        [ "$lines" -eq "$shipped" ] || sed -n "$((shipped + 1)),${lines}s/^/shipped: /p" "$file"
        shipped=$lines
}

trap 'ship; exit 0' TERM
: >>"$file"
shipped=$(wc -l <"$file")
while :; do
        ship
        sleep 1 &
        wait $!
done
