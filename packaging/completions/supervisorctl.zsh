#compdef supervisorctl
# zsh completion for supervisorctl(1), with the names of the processes that the daemon has now.

# The daemon that the command line names, as "-c FILE". To be found while $words has all of the line.
local -a supervisorctl_options
local -i i

for ((i = 2; i < CURRENT; i++)); do
        case $words[i] in
        -c | --configuration | -s | --serverurl)
                supervisorctl_options+=($words[i] ${(Q)~words[i+1]})
                ;;
        esac
done

_supervisorctl_names() {
        local -a names

        names=(${(f)"$(supervisorctl $supervisorctl_options names 2>/dev/null)"})
        (($#names)) || return 1
        compadd -Q -- $names all
}

_supervisorctl_groups() {
        local -a names

        names=(${(fu)"$(supervisorctl $supervisorctl_options names 2>/dev/null | sed 's/:.*//')"})
        compadd -Q -- $names
}

_supervisorctl_commands() {
        local -a commands=(
                'add:put a group of the configuration into use'
                'avail:show what is configured'
                'clear:clear log files'
                'disable:do not start on its own any more'
                'enable:let autostart decide again'
                'events:show changes as they happen'
                'exit:leave the prompt'
                'fg:connect to a process'
                'help:explain a command'
                'kill:end it at once'
                'maintail:show the log of the daemon'
                'names:list the names of processes'
                'open:go to another daemon'
                'pid:show process ids'
                'plan:show the order of start and stop'
                'quit:leave the prompt'
                'refresh:have programs read their configuration again'
                'reload:restart the daemon'
                'remove:take a group out of use'
                'reread:read the configuration and say what differs'
                'restart:stop and start'
                'rolling-restart:restart one after the other'
                'rotate:rotate log files'
                'scale:set the number of copies'
                'shutdown:end the daemon'
                'signal:send a signal'
                'start:start processes'
                'status:show states'
                'stop:stop processes'
                'tail:show the log of a process'
                'update:read the configuration and apply it'
                'version:show the version of the daemon'
                'wait:wait for a state'
                'why:explain a state'
        )

        _describe command commands
}

_supervisorctl_arguments() {
        case $words[1] in
        help) _supervisorctl_commands ;;
        signal)
                if ((CURRENT == 2)); then
                        _values signal HUP INT QUIT TERM KILL USR1 USR2 CONT STOP
                else
                        _supervisorctl_names
                fi
                ;;
        add | remove | scale) _supervisorctl_groups ;;
        update) _arguments '--plan[only say what would change]' '*:group:_supervisorctl_groups' ;;
        shutdown)
                _arguments '--fast[shorten what is left]' '--now[kill at once]' \
                        '--wait[until it is gone]'
                ;;
        events) _arguments '--json[an object per line]' ;;
        status)
                _arguments '--json[as JSON]' '--exit-ok=[states that are no failure]' \
                        '*:process:_supervisorctl_names'
                ;;
        why) _arguments '--json[as JSON]' '*:process:_supervisorctl_names' ;;
        wait)
                _arguments '--ready' '--running' '--stopped' '--timeout:duration:' \
                        '*:process:_supervisorctl_names'
                ;;
        start | stop | restart | kill)
                _arguments '--no-wait[return at once]' '--ready[until it is ready]' \
                        '--timeout:duration:' '*:process:_supervisorctl_names'
                ;;
        rolling-restart)
                _arguments '--parallel:number:' '--timeout:duration:' \
                        '*:process:_supervisorctl_names'
                ;;
        clear | fg | pid | tail | disable | enable | refresh | rotate) _supervisorctl_names ;;
        esac
}

_arguments -C \
        '(-c --configuration)'{-c,--configuration}'[configuration file]:file:_files' \
        '(-h --help)'{-h,--help}'[explain the options]' \
        '(-H --host)'{-H,--host}'[run on another host]:host:_hosts' \
        '(-i --interactive)'{-i,--interactive}'[a prompt after the command]' \
        '(-s --serverurl)'{-s,--serverurl}'[socket of the daemon]:url:' \
        '(-u --username)'{-u,--username}'[for compatibility]:name:' \
        '(-p --password)'{-p,--password}'[for compatibility]:password:' \
        '(-r --history-file)'{-r,--history-file}'[history of the prompt]:file:_files' \
        '1:command:_supervisorctl_commands' \
        '*::argument:_supervisorctl_arguments'
