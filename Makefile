# supervisord: `make run` tries it, `make check` tests it, `make install` installs it.
#
#   B=DIR        build folder                     PREFIX=/usr/local DESTDIR=   where to install
#   CFLAGS=...   comes last on the command line   WERROR=1  warnings are errors (set in CI)
#   V=1          show the commands
#   SAN=...      sanitizer flags, as in: make B=build/asan SAN="$(ASAN)" all tests

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
SUB   = @$(MAKE) --no-print-directory $(JOBS)
LINK  = $(call Q,LD) $(CC) $(CFLAGS) $(SAN) -pie -Wl,-z,relro,-z,now $(LDFLAGS) -o $@ $(filter %.o,$^)

SOURCES := $(filter-out supervisord/ctl/%,$(wildcard supervisord/*/*.c))
OBJECTS := $(SOURCES:%.c=$(B)/obj/%.o)
PARTS   := $(filter-out %/main.o,$(OBJECTS))
# supervisorctl stands on base and config alone.
CTL_PARTS := $(patsubst %.c,$(B)/obj/%.o,$(filter-out %/main.c,$(wildcard \
	supervisord/base/*.c supervisord/config/*.c supervisord/ctl/*.c)))
UNITS   := $(patsubst %.c,$(B)/%,$(wildcard tests/unit/test_*.c))
CTL_UNITS := $(patsubst %.c,$(B)/%,$(wildcard tests/ctl/test_*.c))
DRIVEN := tests/scenario tests/container tests/legacy tests/soak
SCENARIO_PARTS := $(patsubst %.c,$(B)/obj/%.o,$(wildcard tests/scenario/harness*.c))
SCENARIOS := $(patsubst %.c,$(B)/%,$(wildcard $(DRIVEN:%=%/test_*.c)))
HELPERS := $(B)/tests/scenario/child
SIM     := $(B)/tests/sim/sim
SOAK    := $(B)/tests/soak/soak
INJECT  := $(B)/tests/fault/inject
INJECT_PARTS := $(patsubst %,$(B)/obj/tests/fault/%.o,inject trace kinds)
MEMORY  := $(B)/tests/fault/memory.so
SIM_PARTS := $(patsubst %.c,$(B)/obj/%.o,$(wildcard tests/sim/*.c))
BENCHES := $(patsubst %.c,$(B)/%,$(wildcard tests/bench/*.c))
C_FILES := $(wildcard supervisord/*/*.[ch] tests/*/*.[ch])

all: $(B)/supervisord $(B)/supervisorctl
tests: all $(UNITS) $(CTL_UNITS) $(SIM) $(SOAK) $(SCENARIOS) $(HELPERS) \
	$(INJECT) $(MEMORY)

$(B)/supervisord: $(OBJECTS)
	$(LINK) $(LIBS)
$(B)/supervisorctl: $(B)/obj/supervisord/ctl/main.o $(CTL_PARTS)
	$(LINK) $(CTL_LIBS)
$(UNITS): $(B)/%: $(B)/obj/%.o $(PARTS)
	@mkdir -p $(@D)
	$(LINK) $(LIBS) -lcriterion
$(CTL_UNITS): $(B)/%: $(B)/obj/%.o $(CTL_PARTS)
	@mkdir -p $(@D)
	$(LINK) $(CTL_LIBS) -lcriterion
# A disk that hangs and a pipe that cannot be watched, see there.
$(B)/tests/unit/test_output $(B)/tests/unit/test_output_threads: override LDFLAGS += -Wl,--wrap=epoll_ctl
$(B)/tests/unit/test_output_hung: override LDFLAGS += -Wl,--wrap=write
$(SCENARIOS): $(B)/%: $(B)/obj/%.o $(SCENARIO_PARTS)
	@mkdir -p $(@D)
	$(LINK) $(LIBS) -lcriterion
$(HELPERS): $(B)/%: $(B)/obj/%.o
	@mkdir -p $(@D)
	$(LINK)
$(SOAK): $(B)/%: $(B)/obj/%.o
	@mkdir -p $(@D)
	$(LINK) $(LIBS)
$(INJECT): $(INJECT_PARTS)
	@mkdir -p $(@D)
	$(LINK)
$(MEMORY): $(B)/obj/tests/fault/memory.o
	@mkdir -p $(@D)
	$(call Q,LD) $(CC) $(CFLAGS) -shared $(LDFLAGS) -o $@ $^
$(SIM): $(SIM_PARTS) $(PARTS)
	@mkdir -p $(@D)
	$(LINK) $(LIBS)
$(BENCHES): $(B)/%: $(B)/obj/%.o $(PARTS)
	@mkdir -p $(@D)
	$(LINK) $(LIBS)
$(B)/obj/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(call Q,CC) $(CC) $(FLAGS) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

# A test may hand a literal to what takes a char *.
$(B)/obj/tests/%.o: override WARN += -Wno-cast-qual -Wno-write-strings
# What drives and what is supervised stays plain: a thousand sanitized children would not fit.
$(foreach d,$(DRIVEN),$(B)/obj/$(d)/%.o $(B)/$(d)/%): override SAN :=
# What is preloaded comes before the sanitizers, and is a library.
$(B)/obj/tests/fault/%.o $(B)/tests/fault/%: override SAN :=
$(B)/obj/tests/fault/memory.o: override HARDEN := -fPIC

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
# What unit tests and the simulator reach.
coverage:
	$(SUB) B=$(B)/coverage CFLAGS="-O0 -g --coverage" $(UNITS:$(B)/%=$(B)/coverage/%) \
		$(SIM:$(B)/%=$(B)/coverage/%)
	@tests/coverage $(B)/coverage
load: all
	@tests/load/run $(B)
soak: tests
	@SOAK_SECONDS=$(or $(SOAK_SECONDS),600) tests/soak/run $(B)
fault: tests
	@tests/fault/run $(B) --full
fuzz:
	@B=$(B)/fuzz tests/fuzz/run
bench: $(BENCHES)
	@set -e; for b in $(BENCHES); do echo "== $$b"; $$b; done

# cppcheck follows neither cleanup attributes (memleak), nor registers bound to inline assembly, nor
# for-each macros (uninitvar).
lint:
	@packaging/bootstrap --lint
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

.PHONY: all tests run check soak check-corpus coverage load fault fuzz bench lint analyze install clean
.DELETE_ON_ERROR:
.SECONDARY:
-include $(OBJECTS:.o=.d) $(patsubst $(B)/%,$(B)/obj/%.d,$(UNITS) $(CTL_UNITS) $(SCENARIOS) \
	$(HELPERS) $(SOAK) $(BENCHES)) $(INJECT_PARTS:.o=.d) $(B)/obj/tests/fault/memory.d $(CTL_PARTS:.o=.d) $(B)/obj/supervisord/ctl/main.d \
	$(SCENARIO_PARTS:.o=.d) $(SIM_PARTS:.o=.d)
