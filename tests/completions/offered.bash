#!/bin/bash
# What bash offers for the line $1, a word per line, as the line would then read.
# shellcheck source=/dev/null
source "$COMPLETIONS/supervisorctl.bash"
COMP_LINE=$1
COMP_POINT=${#COMP_LINE}
# As readline cuts: a colon is a word of its own.
read -ra COMP_WORDS <<<"${COMP_LINE//:/ : }"
[[ $COMP_LINE == *[[:space:]] ]] && COMP_WORDS+=('')
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
COMPREPLY=()
_supervisorctl
last=${COMP_LINE##* }
cut=
[[ $last == *:* ]] && cut=${last%"${last##*:}"}
((${#COMPREPLY[@]} == 0)) || printf "$cut%s\n" "${COMPREPLY[@]}"
