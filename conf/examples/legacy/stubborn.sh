#!/bin/sh
# Deaf, and so are its children.
trap '' TERM INT QUIT HUP
(while :; do sleep 1; done) &
(while :; do sleep 1; done) &
echo "stubborn: at work"
while :; do sleep 1; done
