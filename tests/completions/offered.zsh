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
# Keys that come before the editor would be the terminal's.
editing() { [[ -n $is_editing ]] || print editing >$DIR/zsh-fifo; is_editing=1 }
zle -N zle-line-init editing
finished() { print finished >$DIR/zsh-fifo }
zle -N finished
bindkey '^X' finished
RC
mkdir -p $DIR/zsh-functions
cp $COMPLETIONS/supervisorctl.zsh $DIR/zsh-functions/_supervisorctl
[[ -p $DIR/zsh-fifo ]] || mkfifo $DIR/zsh-fifo

offer() { # LINE
        : >$DIR/zsh-offered
        zpty shell "DIR=$DIR zsh -f -i"
        zpty -w shell "source $DIR/zshrc"
        read -r word <$DIR/zsh-fifo
        zpty -w -n shell "$1"$'\t'$'\x18'
        read -r word <$DIR/zsh-fifo
        zpty -d shell
}

# A busy terminal may swallow a key: that nothing at all is offered is made sure of.
for try in {1..5}; do
        offer $1
        [[ -s $DIR/zsh-offered ]] && break
done
cat $DIR/zsh-offered
