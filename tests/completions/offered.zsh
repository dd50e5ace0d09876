# What zsh offers for the line $1, a word per line: an interactive zsh in a terminal of its own
# completes it, where compadd is made to tell what it is given.
zmodload zsh/zpty
cat >$DIR/zshrc <<'RC'
PROMPT= RPROMPT= ; unsetopt zle_bracketed_paste 2>/dev/null
fpath=($DIR/zsh-functions $fpath)
autoload -Uz compinit; compinit -u -D
zstyle ':completion:*' insert-tab false
bindkey '^I' complete-word
compadd() {
        local -a told
        [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]] && { builtin compadd "$@"; return }
        builtin compadd -O told "$@"
        (( $#told )) && print -rl -- $told >>$DIR/zsh-offered
        builtin compadd "$@"
}
finished() { print finished >$DIR/zsh-fifo }
zle -N finished
bindkey '^X' finished
RC
mkdir -p $DIR/zsh-functions
cp $COMPLETIONS/supervisorctl.zsh $DIR/zsh-functions/_supervisorctl
: >$DIR/zsh-offered
[[ -p $DIR/zsh-fifo ]] || mkfifo $DIR/zsh-fifo
zpty shell "DIR=$DIR zsh -f -i"
zpty -w shell "source $DIR/zshrc; print started >$DIR/zsh-fifo"
read -r word <$DIR/zsh-fifo
zpty -w -n shell "$1"$'\t'$'\x18'
read -r word <$DIR/zsh-fifo
zpty -d shell
cat $DIR/zsh-offered
