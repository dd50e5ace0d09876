# fish completion for supervisorctl(1), with the names of the processes that the daemon has now.

function __supervisorctl_options
    set -l words (commandline -opc)
    for i in (seq 2 (count $words))
        if contains -- $words[$i] -c --configuration -s --serverurl
            echo $words[$i]
            echo $words[(math $i + 1)]
        end
    end
end

function __supervisorctl_names
    supervisorctl (__supervisorctl_options) names 2>/dev/null
    and echo all
end

function __supervisorctl_groups
    supervisorctl (__supervisorctl_options) names 2>/dev/null | string replace -r ':.*' '' | sort -u
end

set -l commands add avail clear disable enable events exit fg help kill maintail names open pid plan \
    quit refresh reload remove reread restart rolling-restart rotate scale shutdown signal start status stop \
    tail update version wait why
set -l of_processes clear disable enable fg kill pid refresh restart rolling-restart rotate signal start \
    status stop tail wait why
set -l none "not __fish_seen_subcommand_from $commands"

complete -c supervisorctl -f
complete -c supervisorctl -s c -l configuration -r -F -d 'Configuration file'
complete -c supervisorctl -s h -l help -d 'Explain the options'
complete -c supervisorctl -s H -l host -x -a '(__fish_print_hostnames)' -d 'Run on another host'
complete -c supervisorctl -s i -l interactive -d 'A prompt after the command'
complete -c supervisorctl -s s -l serverurl -x -d 'Socket of the daemon'
complete -c supervisorctl -s u -l username -x -d 'For compatibility'
complete -c supervisorctl -s p -l password -x -d 'For compatibility'
complete -c supervisorctl -s r -l history-file -r -F -d 'History of the prompt'

complete -c supervisorctl -n $none -a "$commands"
complete -c supervisorctl -n '__fish_seen_subcommand_from help' -a "$commands"
complete -c supervisorctl -n "__fish_seen_subcommand_from $of_processes" -a '(__supervisorctl_names)'
complete -c supervisorctl -n '__fish_seen_subcommand_from add remove scale update' \
    -a '(__supervisorctl_groups)'
complete -c supervisorctl -n '__fish_seen_subcommand_from signal' \
    -a 'HUP INT QUIT TERM KILL USR1 USR2 CONT STOP'
complete -c supervisorctl -n '__fish_seen_subcommand_from status why events' -l json -d 'As JSON'
complete -c supervisorctl -n '__fish_seen_subcommand_from status' -l exit-ok -x -d 'No failures'
complete -c supervisorctl -n '__fish_seen_subcommand_from update' -l plan -d 'Only say what would change'
complete -c supervisorctl -n '__fish_seen_subcommand_from shutdown' -l fast -d 'Shorten what is left'
complete -c supervisorctl -n '__fish_seen_subcommand_from shutdown' -l now -d 'Kill at once'
complete -c supervisorctl -n '__fish_seen_subcommand_from shutdown' -l wait -d 'Until it is gone'
complete -c supervisorctl -n '__fish_seen_subcommand_from wait' -l stopped -d 'Until it is stopped'
complete -c supervisorctl -n '__fish_seen_subcommand_from wait' -l running -d 'Until it runs'
complete -c supervisorctl -n '__fish_seen_subcommand_from wait start restart' -l ready -d 'Until it is ready'
complete -c supervisorctl -n '__fish_seen_subcommand_from start stop restart kill' -l no-wait \
    -d 'Return at once'
complete -c supervisorctl -n '__fish_seen_subcommand_from start stop restart kill wait rolling-restart' \
    -l timeout -x -d 'Duration'
complete -c supervisorctl -n '__fish_seen_subcommand_from rolling-restart' -l parallel -x -d 'At a time'
