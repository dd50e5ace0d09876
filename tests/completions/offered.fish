# What fish offers for the line $argv[1], a word per line.
set -gx XDG_CONFIG_HOME $DIR/fish
set -gx XDG_DATA_HOME $DIR/fish
source $COMPLETIONS/supervisorctl.fish
complete -C "$argv[1]" | string replace -r '\t.*' ''
