# How the programs of the tests are built, and what runs them; part of the Makefile. `make check` runs a
# short form of most of these:
#
#   make sim            the core in a virtual world (SIM_SECONDS=60 SIM_JOBS=2 SIM_SEED=N)
#   make verify         every state of the engine in small scenarios; mistakes that have to be found
#   make fault          each call of the daemon fails in turn
#   make chaos, soak    the daemon on a bad day, or with busy clients (CHAOS_SECONDS, SOAK_SECONDS)
#   make load           databases, a queue and a web server, stopped in mid-load (ROUNDS=10)
#   make fuzz           what comes from outside, at random (FUZZ_SECONDS, FUZZ="config bus")
#   make coverage       what unit tests and the simulator reach; coverage-core: that it is all
#   make bench          figures beside other supervisors (N="1 100" ROUNDS=3 FULL=1 PEERS=1)

UNITS   := $(patsubst %.c,$(B)/%,$(wildcard tests/unit/test_*.c))
CTL_UNITS := $(patsubst %.c,$(B)/%,$(wildcard tests/ctl/test_*.c))
DRIVEN := tests/scenario tests/container tests/legacy tests/soak tests/chaos
SCENARIO_PARTS := $(patsubst %.c,$(B)/obj/%.o,$(wildcard tests/scenario/harness*.c))
SCENARIOS := $(patsubst %.c,$(B)/%,$(wildcard $(DRIVEN:%=%/test_*.c)))
HELPERS := $(B)/tests/scenario/child
SIM     := $(B)/tests/sim/sim
# The simulator is optimized as a whole, unless it is to be sanitized or its lines are counted.
SIM_OBJ  = $(B)/$(if $(SAN)$(IS_CLANG)$(findstring --coverage,$(CFLAGS)),obj,whole)
SOAK    := $(B)/tests/soak/soak
INJECT  := $(B)/tests/fault/inject
INJECT_PARTS := $(patsubst %,$(B)/obj/tests/fault/%.o,inject trace kinds)
MEMORY  := $(B)/tests/fault/memory.so
CHAOS   := $(B)/tests/chaos/chaos
CHAOS_PARTS := $(patsubst %.c,$(B)/obj/%.o,$(filter-out %/wallclock.c,$(wildcard tests/chaos/*.c)))
WALLCLOCK := $(B)/tests/chaos/wallclock.so
VERIFY  := $(B)/tests/verify/verify
VERIFY_PARTS := $(patsubst %.c,$(B)/obj/%.o,$(wildcard tests/verify/*.c))
# Beside the benchmarks of parts: what all contestants supervise, and the least of a supervisor.
WORKER  := $(B)/tests/bench/bench-worker
FLOOR   := $(B)/tests/bench/floor
BENCHES := $(patsubst %.c,$(B)/%,$(filter-out %/worker.c %/floor.c,$(wildcard tests/bench/*.c)))
# With SAN="-fsanitize=fuzzer,..." libFuzzer's, else with a main() of our own.
FUZZERS := $(patsubst %.c,$(B)/%,$(wildcard tests/fuzz/fuzz_*.c))
SIM_PARTS = $(patsubst %.c,$(SIM_OBJ)/%.o,$(wildcard tests/sim/*.c) $(call sources,base log config core))

tests: all $(UNITS) $(CTL_UNITS) $(SIM) $(VERIFY) $(SCENARIOS) $(HELPERS) $(SOAK) $(FUZZERS) \
	$(CHAOS) $(WALLCLOCK) $(INJECT) $(MEMORY)

# The daemon is whole without those who stand on it.
DAEMON_UNITS := $(patsubst %,$(B)/tests/unit/test_%,history observer remembered words)
DAEMON_PARTS := $(filter-out $(B)/obj/supervisord/bus/% $(B)/obj/supervisord/main/%,$(PARTS))
$(DAEMON_UNITS): $(B)/%: $(B)/obj/%.o $(DAEMON_PARTS)
	@mkdir -p $(@D)
	$(LINK) $(LIBS) -lcriterion
$(filter-out $(DAEMON_UNITS),$(UNITS)): $(B)/%: $(B)/obj/%.o $(PARTS)
	@mkdir -p $(@D)
	$(LINK) $(LIBS) -lcriterion
$(CTL_UNITS): $(B)/%: $(B)/obj/%.o $(CTL_PARTS)
	@mkdir -p $(@D)
	$(LINK) $(CTL_LIBS) -lcriterion
# A disk that hangs and a pipe that cannot be watched, see there.
$(B)/tests/unit/test_output_pressure $(B)/tests/unit/test_output_threads: override LDFLAGS += -Wl,--wrap=epoll_ctl
$(B)/tests/unit/test_output_hung: override LDFLAGS += -Wl,--wrap=write
# A thread that cannot be woken, descriptors and memory that are used up, likewise.
$(B)/tests/unit/test_writers: override LDFLAGS += -Wl,--wrap=write
$(B)/tests/unit/test_source: override LDFLAGS += -Wl,--wrap=fstat
$(B)/tests/unit/test_bus_accept: override LDFLAGS += -Wl,--wrap=accept4,--wrap=getsockopt
$(B)/tests/unit/test_output_memory: override LDFLAGS += -Wl,--wrap=malloc,--wrap=calloc
$(B)/tests/unit/test_remembered: override LDFLAGS += -Wl,--wrap=asprintf,--wrap=__asprintf_chk
$(B)/tests/unit/test_loop_thread: override LDFLAGS += -Wl,--wrap=pthread_create
$(B)/tests/unit/test_tree: override LDFLAGS += -Wl,--wrap=reallocarray
$(B)/tests/unit/test_engine_memory: override LDFLAGS += -Wl,--wrap=calloc,--wrap=reallocarray
$(SCENARIOS): $(B)/%: $(B)/obj/%.o $(SCENARIO_PARTS)
	@mkdir -p $(@D)
	$(LINK) $(LIBS) -lcriterion
$(HELPERS): $(B)/%: $(B)/obj/%.o
	@mkdir -p $(@D)
	$(LINK)
$(SOAK): $(B)/obj/tests/soak/soak.o $(B)/obj/tests/soak/drive.o
	@mkdir -p $(@D)
	$(LINK) $(LIBS)
$(INJECT): $(INJECT_PARTS)
	@mkdir -p $(@D)
	$(LINK)
$(MEMORY): $(B)/obj/tests/fault/memory.o
	@mkdir -p $(@D)
	$(call Q,LD) $(CC) $(CFLAGS) -shared $(LDFLAGS) -o $@ $^
$(CHAOS): $(CHAOS_PARTS) $(B)/obj/tests/soak/drive.o
	@mkdir -p $(@D)
	$(LINK) $(LIBS)
$(WALLCLOCK): tests/chaos/wallclock.c Makefile
	@mkdir -p $(@D)
	$(call Q,LD) $(CC) $(FLAGS) -fPIC -shared $(CFLAGS) -o $@ $<
$(FUZZERS): $(B)/%: $(B)/obj/%.o $(PARTS) \
		$(if $(findstring fuzzer,$(SAN)),,$(B)/obj/tests/fuzz/replay.o)
	@mkdir -p $(@D)
	$(LINK) $(LIBS)
# Configurations look at nothing outside of the input, see there.
$(B)/tests/fuzz/fuzz_config: override LDFLAGS += $(addprefix -Wl$(COMMA)--wrap=,glob getpwnam_r \
	getpwuid_r)
# Clients are accepted as fast as they come.
$(B)/tests/fuzz/fuzz_bus: override LDFLAGS += -Wl,--wrap=sd_event_source_set_ratelimit
# The engine's memory comes from an array that can be copied away and back, see arena.h.
$(VERIFY): override LDFLAGS += -Wl,--wrap=calloc,--wrap=reallocarray,--wrap=free
$(VERIFY): $(VERIFY_PARTS) $(PARTS)
	@mkdir -p $(@D)
	$(LINK) $(LIBS)
$(SIM): $(SIM_PARTS)
	@mkdir -p $(@D)
	$(LINK) $(LIBS)
$(B)/whole/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(call Q,CC) $(CC) $(FLAGS) $(CPPFLAGS) $(CFLAGS) -O3 -flto -c -o $@ $<
$(BENCHES): $(B)/%: $(B)/obj/%.o $(PARTS)
	@mkdir -p $(@D)
	$(LINK) $(LIBS)
$(FLOOR): $(B)/%: $(B)/obj/%.o
	@mkdir -p $(@D)
	$(LINK)
# No libc, and nothing that would need one.
$(WORKER): tests/bench/worker.c tests/bench/events.h Makefile
	@mkdir -p $(@D)
	$(call Q,LD) $(CC) -std=gnu17 -Itests $(WARN) -O2 -static -nostdlib -ffreestanding \
		-fno-stack-protector -fno-pie -no-pie -Wl,--build-id=none -o $@ $<
$(SIM): override LDFLAGS += $(if $(filter %/whole,$(SIM_OBJ)),-O3 -flto=auto)

# A test may hand a literal to what takes a char *.
$(B)/obj/tests/%.o $(B)/whole/tests/%.o: override WARN += -Wno-cast-qual -Wno-write-strings
# What drives and what is supervised stays plain: a thousand sanitized children would not fit.
$(foreach d,$(DRIVEN),$(B)/obj/$(d)/%.o $(B)/$(d)/%): override SAN :=
# What is preloaded comes before the sanitizers, and is a library.
$(B)/obj/tests/fault/%.o $(B)/tests/fault/%: override SAN :=
$(B)/obj/tests/fault/memory.o: override HARDEN := -fPIC

# What unit tests and the simulator reach.
coverage:
	$(SUB) B=$(B)/coverage CFLAGS="-O0 -g --coverage" $(UNITS:$(B)/%=$(B)/coverage/%) \
		$(SIM:$(B)/%=$(B)/coverage/%)
	@tests/coverage $(B)/coverage
# The same of the pure core alone, which has to be reached as a whole.
CORE_UNITS := $(patsubst %.c,%,$(shell grep -lE '"(core/|engine-fixture)' tests/unit/test_*.c))
coverage-core:
	$(SUB) B=$(B)/coverage CFLAGS="-O0 -g --coverage" $(B)/coverage/tests/sim/sim \
		$(CORE_UNITS:%=$(B)/coverage/%)
	@tests/coverage $(B)/coverage core
load: all
	@tests/load/run $(B)
# The pure core in a virtual world: SIM_SECONDS=60 SIM_JOBS=2 SIM_SEED=N, see tests/sim/fresh.
sim: $(SIM)
	@tests/sim/fresh $(B)
soak: tests
	@SOAK_SECONDS=$(or $(SOAK_SECONDS),600) tests/soak/run $(B)
chaos: tests
	@CHAOS_SECONDS=$(or $(CHAOS_SECONDS),300) tests/chaos/run $(B)
# Every state of the engine in every scenario, and whether mistakes in it would be found.
verify: $(VERIFY)
	@VERIFY_ARGUMENTS= tests/verify/run $(B)
	@tests/verify/mutants $(B)
fault: tests
	@tests/fault/run $(B) --full
fuzz:
	@packaging/bootstrap --fuzz
	$(SUB) B=$(B)/fuzz CC=clang CFLAGS="-O1 -g" SAN="$(subst address,fuzzer$(COMMA)address,$(ASAN))" \
		fuzzers
	@tests/fuzz/fuzz $(B)/fuzz
fuzzers: $(FUZZERS)
PYTHONS = $(if $(wildcard $(B)/bench/peers/usr/bin/supervisord),PYTHON_SUPERVISORD=$(B)/bench/peers/usr/bin/supervisord \
	PYTHONPATH=$(B)/bench/peers/usr/lib/python3/dist-packages)
# FULL=1 N="1 10 100 1000 10000" ROUNDS=5 for figures to publish, PEERS=1 to fetch the peers first.
bench: instrument $(BENCHES)
	$(if $(PEERS),@tests/bench/install-peers $(B)/bench/peers)
	@tests/bench/lab $(B) --sizes "$(or $(N),1 100 1000)" --rounds $(or $(ROUNDS),3) \
		$(if $(FULL),--full)
	@rm -f $(B)/bench/parts.jsonl
	@set -e; for b in $(BENCHES); do echo "== $$b"; \
		PATH="$$PATH:$(B)/bench/peers/usr/bin" $(PYTHONS) \
		BENCH_JSON=$(B)/bench/parts.jsonl ROUNDS=$(if $(FULL),3,1) $$b; done
instrument: all $(WORKER) $(FLOOR)

.PHONY: tests sim verify fault chaos soak load fuzz fuzzers coverage coverage-core bench instrument
