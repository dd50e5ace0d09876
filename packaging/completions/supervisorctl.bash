# bash completion for supervisorctl(1), with the names of the processes that the daemon has now.
# shellcheck shell=bash

# The daemon that the command line so far names.
_supervisorctl_names() {
        local i options=()

        for ((i = 1; i < COMP_CWORD; i++)); do
                case ${COMP_WORDS[i]} in
                -c | --configuration | -s | --serverurl)
                        options+=("${COMP_WORDS[i]}" "${COMP_WORDS[i + 1]}")
                        ;;
                esac
        done
        supervisorctl "${options[@]}" names 2>/dev/null && echo all
}

# Where the command stands among the words; nothing if there is none yet.
_supervisorctl_command() { # WORDS...
        local i=1

        while ((i < $# - 1)); do
                case ${!i} in
                -c | --configuration | -s | --serverurl | -u | --username | -p | --password | \
                        -r | --history-file | -H | --host) ((i += 2)) ;;
                -*) ((i++)) ;;
                *)
                        echo "${!i}"
                        return
                        ;;
                esac
        done
}

_supervisorctl() {
        local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
        local commands='add avail clear exit fg maintail open pid quit reload remove reread restart
                shutdown signal start status stop tail update version disable enable events kill
                names plan refresh rolling-restart rotate scale wait why help'
        local words=() line name command offered

        # A name holds colons, at which readline cuts words: the real ones come from the line.
        line=${COMP_LINE:0:COMP_POINT}
        read -ra words <<<"$line"
        [[ $line == *[[:space:]] ]] && words+=('')
        name=${words[${#words[@]} - 1]}
        command=$(_supervisorctl_command "${words[@]:1}" '')

        case $previous in
        -c | --configuration | -r | --history-file)
                mapfile -t COMPREPLY < <(compgen -f -- "$current")
                return
                ;;
        esac
        if [[ -z $command || $command == "$name" ]]; then
                case $name in
                -*) offered='-c -h -H -i -s -u -p -r' ;;
                *) offered=$commands ;;
                esac
        else
                case $command in
                help) offered=$commands ;;
                signal)
                        offered="HUP INT QUIT TERM KILL USR1 USR2 CONT STOP
                                $(_supervisorctl_names)"
                        ;;
                add | remove | update | scale)
                        offered=$(_supervisorctl_names | sed 's/:.*//' | sort -u)
                        [[ $command == update ]] && offered+=' --plan'
                        ;;
                shutdown) offered='--fast --now --wait' ;;
                events) offered='--json' ;;
                status) offered="--json --exit-ok= $(_supervisorctl_names)" ;;
                why) offered="--json $(_supervisorctl_names)" ;;
                wait) offered="--ready --running --stopped --timeout $(_supervisorctl_names)" ;;
                start | stop | restart | kill)
                        offered="--no-wait --ready --timeout $(_supervisorctl_names)"
                        ;;
                rolling-restart) offered="--parallel --timeout $(_supervisorctl_names)" ;;
                clear | fg | pid | tail | disable | enable | refresh | rotate)
                        offered=$(_supervisorctl_names)
                        ;;
                esac
        fi
        # Patterns such as "web:*" are taken as they are.
        set -f
        mapfile -t COMPREPLY < <(compgen -W "$offered" -- "$name")
        set +f
        # readline has seen what stands before the last colon already.
        if [[ $name == *:* && $COMP_WORDBREAKS == *:* ]]; then
                COMPREPLY=("${COMPREPLY[@]#"${name%"${name##*:}"}"}")
        fi
}
complete -F _supervisorctl supervisorctl
