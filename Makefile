# supervisord: `make run` tries it, `make check` tests it, `make install` installs it.
#
#   B=DIR        build folder                     PREFIX=/usr/local DESTDIR=   where to install
#   CFLAGS=...   comes last on the command line   WERROR=1  warnings are errors (set in CI)
#   V=1          show the commands
#   SAN=...      sanitizer flags, as in: make B=build/asan SAN="$(ASAN)" all tests
#
# `make lint` and `make analyze` look at the source (tests/house: at its shape alone), `make check-corpus` reads real configurations;
# tests/rules.mk has the long runs: sim, verify, fault, chaos, soak, load, fuzz, coverage, bench.

B      ?= build
PREFIX ?= /usr/local
BINDIR ?= $(PREFIX)/bin
MANDIR ?= $(PREFIX)/share/man
SYSCONFDIR ?= /etc
UNITDIR ?= $(PREFIX)/lib/systemd/system
TMPFILESDIR ?= $(PREFIX)/lib/tmpfiles.d
BASHDIR ?= $(PREFIX)/share/bash-completion/completions
ZSHDIR ?= $(PREFIX)/share/zsh/site-functions
FISHDIR ?= $(PREFIX)/share/fish/vendor_completions.d
CFLAGS ?= -O2 -g
COMMA  := ,
ASAN   := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer

IS_CLANG := $(findstring clang,$(shell $(CC) --version 2>/dev/null))
WARN := -Wall -Wextra -Wshadow -Wformat=2 -Wvla -Wundef -Wstrict-prototypes -Wmissing-prototypes \
	-Wcast-qual -Wwrite-strings -Wpointer-arith -Wredundant-decls -Wimplicit-fallthrough \
	-Wdate-time -Wno-unused-parameter $(if $(IS_CLANG),,-Wlogical-op) \
	$(if $(WERROR)$(CI),-Werror)
# The fortified libc calls and AddressSanitizer's own checks of them exclude each other.
HARDEN = -fstack-protector-strong -fno-common -fPIE $(if $(SAN),,-D_FORTIFY_SOURCE=2)
PKG  := $(shell pkg-config --cflags libsystemd inih 2>/dev/null)
LIBS := $(shell pkg-config --libs libsystemd inih 2>/dev/null || echo -lsystemd -linih) -lm
CTL_LIBS := $(LIBS) -ledit
FLAGS = -std=gnu17 -D_GNU_SOURCE -Isupervisord -Itests -MMD -MP $(WARN) $(PKG) $(HARDEN) $(SAN)
# Say in a word what is done, unless V=1 asks for the command itself.
Q     = $(if $(V),,@echo "  $(1) $@";)
JOBS  = $(if $(filter -j%,$(MAKEFLAGS)),,-j$(shell nproc))
SUB   = +@$(MAKE) --no-print-directory $(JOBS)
LINK  = $(call Q,LD) $(CC) $(CFLAGS) $(SAN) -pie -Wl,-z,relro,-z,now $(LDFLAGS) -o $@ $(filter %.o,$^)

# A folder is a layer, or has a folder for each room of it.
sources = $(wildcard $(foreach layer,$(1),supervisord/$(layer)/*.c supervisord/$(layer)/*/*.c))
SOURCES := $(filter-out supervisord/ctl/%,$(call sources,*))
OBJECTS := $(SOURCES:%.c=$(B)/obj/%.o)
PARTS   := $(filter-out %/main.o,$(OBJECTS))
# supervisorctl stands on what knows nothing of running processes.
CTL_PARTS := $(patsubst %.c,$(B)/obj/%.o,$(filter-out %/main.c,$(call sources,base log protocol config ctl)))
C_FILES := $(wildcard supervisord/*/*.[ch] supervisord/*/*/*.[ch] tests/*/*.[ch])

all: $(B)/supervisord $(B)/supervisorctl
$(B)/supervisord: $(OBJECTS)
	$(LINK) $(LIBS)
$(B)/supervisorctl: $(B)/obj/supervisord/ctl/main.o $(CTL_PARTS)
	$(LINK) $(CTL_LIBS)
$(B)/obj/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(call Q,CC) $(CC) $(FLAGS) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

# The second make sees what the bootstrap has installed.
run:
	@packaging/bootstrap
	$(SUB) all
	@exec $(B)/supervisord -n -c conf/demo.conf

# Everything twice: as it ships, and under AddressSanitizer and UndefinedBehaviorSanitizer.
check:
	@packaging/bootstrap --tests
	$(SUB) tests
	$(SUB) B=$(B)/asan SAN="$(ASAN)" tests
	@tests/run $(B) $(B)/asan

check-corpus: all
	@B=$(B) tests/corpus/run $(CORPUS)
# cppcheck follows neither cleanup attributes (memleak), nor registers bound to inline assembly, nor
# for-each macros (uninitvar).
lint:
	@packaging/bootstrap --lint
	tests/house
	clang-format --dry-run -Werror $(C_FILES)
	printf '%s\n' $(filter %.c,$(C_FILES)) | xargs -P2 -I{} clang-tidy --quiet {} -- \
		-std=gnu17 -D_GNU_SOURCE -Isupervisord -Itests $(PKG)
	cppcheck --quiet --enable=warning,performance,portability --std=c11 --error-exitcode=1 \
		--suppress=missingIncludeSystem --suppress=memleak --suppress=constStatement \
		--suppress=uninitvar \
		--inline-suppr --library=bsd -Isupervisord supervisord
	shellcheck $$(grep -lE '^#!.*(ba)?sh' -r .ci conf packaging tests)
	$(if $(wildcard man/*),mandoc -Tlint -Wwarning $(wildcard man/*.[0-9]))
analyze:
	$(SUB) B=$(B)/analyze CC=gcc CFLAGS="-O1 -g -fanalyzer -Werror" all

install: all
	install -d $(addprefix $(DESTDIR),$(BINDIR) $(MANDIR)/man1 $(MANDIR)/man5 \
		$(MANDIR)/man8 $(UNITDIR) $(BASHDIR) $(ZSHDIR) $(FISHDIR) \
		$(TMPFILESDIR) $(SYSCONFDIR)/supervisor/conf.d)
	install -m 755 $(B)/supervisord $(B)/supervisorctl $(DESTDIR)$(BINDIR)
	for page in man/*.[158]; do \
		install -m 644 $$page $(DESTDIR)$(MANDIR)/man$${page##*.} || exit; done
	install -m 644 packaging/completions/supervisorctl.bash $(DESTDIR)$(BASHDIR)/supervisorctl
	install -m 644 packaging/completions/supervisorctl.zsh $(DESTDIR)$(ZSHDIR)/_supervisorctl
	install -m 644 packaging/completions/supervisorctl.fish $(DESTDIR)$(FISHDIR)/supervisorctl.fish
	sed 's|@BINDIR@|$(BINDIR)|g; s|@SYSCONFDIR@|$(SYSCONFDIR)|g' \
		packaging/systemd/supervisord.service.in >$(DESTDIR)$(UNITDIR)/supervisord.service
	chmod 644 $(DESTDIR)$(UNITDIR)/supervisord.service
	install -m 644 packaging/systemd/supervisord.tmpfiles $(DESTDIR)$(TMPFILESDIR)/supervisord.conf
	test -e $(DESTDIR)$(SYSCONFDIR)/supervisor/supervisord.conf || install -m 644 \
		conf/supervisord.conf $(DESTDIR)$(SYSCONFDIR)/supervisor/supervisord.conf

clean:
	rm -rf $(B)

include tests/rules.mk

.PHONY: all run check check-corpus lint analyze install clean
.DELETE_ON_ERROR:
.SECONDARY:
-include $(wildcard $(foreach d,obj whole,$(B)/$(d)/*/*/*.d $(B)/$(d)/*/*/*/*.d))
