#include "explore.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NO_STATE UINT32_MAX
#define N_MOVES (_MOVE_MAX * PROCESSES_MAX)

/* What a state is, as far as the graph is concerned. */
enum {
        IS_STOPPING = 1 << 0, /* a shutdown has begun … */
        IS_DOWN = 1 << 1,     /* … and is over */
        IS_SETTLED = 1 << 2,
        IS_GOOD = 1 << 3, /* what is to come will come from here */
};

/* A way to a state: the one before it, and the last move. */
typedef struct Way {
        uint32_t from; /* NO_STATE: none */
        uint16_t move;
} Way;

typedef struct State {
        uint32_t first_word, first_edge; /* its canon and its edges go up to those of the next */
        Way way, other;                  /* the shortest, and the last that was found */
        uint32_t depth;
        uint8_t is;
} State;

typedef struct Edge {
        uint32_t to;
        uint16_t move;
        bool is_forced;
} Edge;

typedef struct Explorer {
        Model model;
        Snapshot here; /* of @here_state, whose successors are looked at */
        uint32_t here_state;
        size_t most;

        State *states; /* one more than there are, for the ends of the last */
        size_t n_states, n_states_allocated;
        uint32_t *words;
        size_t n_words, n_words_allocated;
        Edge *edges;
        size_t n_edges, n_edges_allocated;
        uint32_t *table; /* open addressing, a power of two */
        size_t n_table;
} Explorer;

static Move move_of(unsigned number) {
        return (Move){ .kind = (MoveKind)(number / PROCESSES_MAX),
                       .process = number % PROCESSES_MAX };
}

static void *grow(void *p, size_t n, size_t *n_allocated, size_t size) {
        if (n <= *n_allocated)
                return p;
        *n_allocated = MAX(n, 2 * *n_allocated);
        p = reallocarray(p, *n_allocated, size);
        if (!p)
                abort();
        return p;
}

/* ---------------------------------------------------------------- the set of states */

static size_t hash(const uint32_t *words, size_t n) {
        uint64_t h = n;

        for (size_t k = 0; k < n; k++)
                h = (h ^ words[k]) * UINT64_C(0x9e3779b97f4a7c15), h ^= h >> 29;
        return (size_t)h;
}

static size_t n_words_of(const Explorer *x, uint32_t s) {
        return x->states[s + 1].first_word - x->states[s].first_word;
}

/* Where @words stands in the table, or is to stand. */
static size_t slot_of(const Explorer *x, const uint32_t *words, size_t n) {
        size_t k = hash(words, n) & (x->n_table - 1);

        for (uint32_t s; (s = x->table[k]) != NO_STATE; k = (k + 1) & (x->n_table - 1))
                if (n_words_of(x, s) == n &&
                    memcmp(x->words + x->states[s].first_word, words, n * sizeof(*words)) == 0)
                        break;
        return k;
}

static void resize_table(Explorer *x) {
        x->n_table = x->n_table ? 2 * x->n_table : 1 << 12;
        free(x->table);
        x->table = calloc(x->n_table, sizeof(*x->table));
        if (!x->table)
                abort();
        memset(x->table, 0xff, x->n_table * sizeof(*x->table));
        for (uint32_t s = 0; s < x->n_states; s++)
                x->table[slot_of(x, x->words + x->states[s].first_word, n_words_of(x, s))] = s;
}

static uint8_t describe(const Model *m) {
        return (uint8_t)((m->mode != SHUTDOWN_NONE ? IS_STOPPING : 0) |
                         (engine_is_down(m->engine) && !m->has_pending ? IS_DOWN : 0) |
                         (model_is_settled(m) && !m->has_pending ? IS_SETTLED : 0));
}

/* The present state of the model, found or new. */
static uint32_t intern(Explorer *x, Way way) {
        uint32_t words[CANON_WORDS_MAX], s = (uint32_t)x->n_states;
        size_t n = model_canon(&x->model, words), slot;

        if (2 * x->n_states >= x->n_table)
                resize_table(x);
        slot = slot_of(x, words, n);
        if (x->table[slot] != NO_STATE) {
                x->states[x->table[slot]].other = way;
                return x->table[slot];
        }
        x->words = grow(x->words, x->n_words + n, &x->n_words_allocated, sizeof(*x->words));
        memcpy(x->words + x->n_words, words, n * sizeof(*words));
        x->n_words += n;
        x->states = grow(x->states, x->n_states + 2, &x->n_states_allocated, sizeof(*x->states));
        x->states[s].way = way;
        x->states[s].other = (Way){ NO_STATE, 0 };
        x->states[s].depth = way.from == NO_STATE ? 0 : x->states[way.from].depth + 1;
        x->states[s].is = describe(&x->model);
        x->states[++x->n_states].first_word = (uint32_t)x->n_words;
        x->table[slot] = s;
        return s;
}

/* ---------------------------------------------------------------- ways */

static void follow(Explorer *x, Way way);

/* Put the model into state @s by the shortest way. */
static void go(Explorer *x, uint32_t s) {
        if (x->here_state == s)
                model_load(&x->model, &x->here);
        else
                follow(x, x->states[s].way);
}

static void follow(Explorer *x, Way way) {
        uint16_t moves[1 << 12];
        size_t n = 0;

        for (; way.from != NO_STATE && x->here_state != way.from; way = x->states[way.from].way) {
                assert(n < ELEMENTSOF(moves) - 1);
                moves[n++] = way.move;
        }
        if (way.from == NO_STATE)
                model_reset(&x->model);
        else {
                moves[n++] = way.move;
                model_load(&x->model, &x->here);
        }
        while (n-- > 0)
                model_make(&x->model, move_of(moves[n]));
}

/* From now on @s is where moves begin. */
static void stand(Explorer *x, uint32_t s) {
        go(x, s);
        model_save(&x->model, &x->here);
        x->here_state = s;
}

/* Print the way, told again from the start. */
static void tell(Explorer *x, Way way) {
        x->here_state = NO_STATE;
        x->model.trace = true;
        follow(x, way);
        x->model.trace = false;
}

/* ---------------------------------------------------------------- the search */

static const char *expand(Explorer *x, uint32_t s) {
        if (s > 0 && x->here_state != x->states[s].way.from)
                stand(x, x->states[s].way.from); /* its brothers come next */
        go(x, s);

        Snapshot before;

        memset(&before, 0, offsetof(Snapshot, image) + offsetof(ArenaImage, bytes));
        model_save(&x->model, &before);
        for (unsigned k = 0; k < N_MOVES; k++) {
                Move move = move_of(k);
                Way way = { s, (uint16_t)k };
                bool is_forced;

                if (move.process >= x->model.scenario->n_processes || !model_can(&x->model, move))
                        continue;
                is_forced = model_is_forced(&x->model, move);
                model_make(&x->model, move);
                if (x->model.broken) {
                        tell(x, way);
                        return x->model.broken;
                }
                x->edges = grow(x->edges, x->n_edges + 1, &x->n_edges_allocated, sizeof(Edge));
                x->edges[x->n_edges++] = (Edge){ intern(x, way), (uint16_t)k, is_forced };
                model_load(&x->model, &before);
        }
        return NULL;
}

static const char *search(Explorer *x) {
        const char *broken = x->model.broken;

        (void)intern(x, (Way){ NO_STATE, 0 });
        for (uint32_t s = 0; !broken && s < x->n_states && x->n_states <= x->most; s++) {
                x->states[s].first_edge = (uint32_t)x->n_edges;
                broken = expand(x, s);
                x->states[s + 1].first_edge = (uint32_t)x->n_edges;
        }
        return broken;
}

/* ---------------------------------------------------------------- what the canon leaves out */

static void tell_difference(const Explorer *x, uint32_t expected, const uint32_t *words, size_t n) {
        const uint32_t *others = x->words + x->states[expected].first_word;

        if (n != n_words_of(x, expected))
                printf("length of the canon: %zu, %zu\n", n_words_of(x, expected), n);
        for (size_t k = 0; k < n && k < n_words_of(x, expected); k++)
                if (words[k] != others[k])
                        printf("word %zu of the canon: %#x, %#x\n", k, others[k], words[k]);
}

/* Does the same follow where @s was come to by another way? */
static const char *compare(Explorer *x, uint32_t s) {
        const Edge *edge = x->edges + x->states[s].first_edge;
        const Edge *end = x->edges + x->states[s + 1].first_edge;
        Snapshot before;

        memset(&before, 0, offsetof(Snapshot, image) + offsetof(ArenaImage, bytes));
        model_save(&x->model, &before);
        for (unsigned k = 0; k < N_MOVES; k++) {
                Move move = move_of(k);
                uint32_t words[CANON_WORDS_MAX];
                size_t n;

                if (move.process >= x->model.scenario->n_processes || !model_can(&x->model, move))
                        continue;
                model_make(&x->model, move);
                if (x->model.broken)
                        return x->model.broken;
                n = model_canon(&x->model, words);
                if (edge == end || edge->move != k || x->table[slot_of(x, words, n)] != edge->to) {
                        if (edge != end && edge->move == k)
                                tell_difference(x, edge->to, words, n);
                        return move_to_string(move.kind);
                }
                edge++;
                model_load(&x->model, &before);
        }
        return edge == end ? NULL : "a move is missing";
}

static const char *compare_all(Explorer *x, size_t *ret_n) {
        for (uint32_t s = 0; s < x->n_states; s++) {
                Way other = x->states[s].other;
                const char *differs;

                if (other.from == NO_STATE)
                        continue;
                if (x->here_state != other.from)
                        stand(x, other.from);
                follow(x, other);
                (*ret_n)++;
                differs = compare(x, s);
                if (!differs)
                        continue;
                printf("by the shortest way:\n");
                tell(x, x->states[s].way);
                printf("by another way:\n");
                tell(x, other);
                printf("then: %s\n", differs);
                return "two states that are taken for one differ";
        }
        return NULL;
}

/* ---------------------------------------------------------------- what has to come */

typedef struct Aim {
        uint8_t among, not_among; /* states from which it has to come */
        uint8_t at;               /* where it has come */
        bool whatever;            /* by forced moves alone, whichever come first */
        const char *rule;
} Aim;

static bool is_asked(const State *s, const Aim *aim) {
        return (s->is & aim->among) == aim->among && !(s->is & aim->not_among);
}

/* Does it come from @s, as far as is known of those that follow? */
static bool comes(const Explorer *x, const State *s, const Aim *aim) {
        bool some = false, all = true;

        for (uint32_t k = s[0].first_edge; k < s[1].first_edge; k++) {
                const Edge *e = x->edges + k;
                bool is_good = x->states[e->to].is & IS_GOOD;

                if (move_is_order(move_of(e->move).kind) || (aim->whatever && !e->is_forced))
                        continue;
                some |= is_good;
                all &= is_good;
        }
        return some && (all || !aim->whatever);
}

static void tell_endless(Explorer *x, uint32_t s, const Aim *aim) {
        tell(x, x->states[s].way);
        printf("and from here it never comes; for example:\n");
        for (unsigned n = 0; n < 12; n++) {
                uint32_t next = NO_STATE;

                for (uint32_t k = x->states[s].first_edge; k < x->states[s + 1].first_edge; k++)
                        if (!(x->states[x->edges[k].to].is & IS_GOOD) &&
                            (x->edges[k].is_forced || !aim->whatever) &&
                            !move_is_order(move_of(x->edges[k].move).kind))
                                next = k;
                if (next == NO_STATE)
                        return;
                x->model.trace = true;
                model_make(&x->model, move_of(x->edges[next].move));
                x->model.trace = false;
                s = x->edges[next].to;
        }
}

static const char *check_aim(Explorer *x, const Aim *aim) {
        bool changed = true;

        for (uint32_t s = 0; s < x->n_states; s++) {
                x->states[s].is &= (uint8_t)~IS_GOOD;
                if ((x->states[s].is & aim->at) == aim->at)
                        x->states[s].is |= IS_GOOD;
        }
        while (changed) {
                changed = false;
                for (uint32_t s = (uint32_t)x->n_states; s-- > 0;)
                        if (!(x->states[s].is & IS_GOOD) && is_asked(&x->states[s], aim) &&
                            comes(x, &x->states[s], aim)) {
                                x->states[s].is |= IS_GOOD;
                                changed = true;
                        }
        }
        for (uint32_t s = 0; s < x->n_states; s++)
                if (is_asked(&x->states[s], aim) && !(x->states[s].is & IS_GOOD)) {
                        tell_endless(x, s, aim);
                        return aim->rule;
                }
        return NULL;
}

static const char *check_aims(Explorer *x) {
        const Scenario *scenario = x->model.scenario;
        const Aim down = { IS_STOPPING, 0, IS_STOPPING | IS_DOWN, !scenario->waits,
                           "a shutdown that does not end" };
        const Aim settled = { 0, IS_STOPPING, IS_SETTLED, !scenario->waits && !scenario->works,
                              "to be up, but it neither comes up nor is given up" };
        const char *broken = check_aim(x, &down);

        return broken ? broken : check_aim(x, &settled);
}

Result explore(const Scenario *scenario, size_t most) {
        Explorer *x = calloc(1, sizeof(*x));
        Result result = {};

        if (!x)
                abort();
        x->most = MIN(most, UINT32_MAX - 2);
        x->here_state = NO_STATE;
        x->states = grow(NULL, 1, &x->n_states_allocated, sizeof(*x->states));
        x->states[0] = (State){};
        resize_table(x);
        model_init(&x->model, scenario);

        result.broken = search(x);
        result.n_states = x->n_states;
        result.n_transitions = x->n_edges;
        result.depth = x->states[x->n_states - 1].depth;
        result.is_whole = x->n_states <= x->most;
        if (!result.broken && result.is_whole)
                result.broken = compare_all(x, &result.n_compared);
        if (!result.broken && result.is_whole)
                result.broken = check_aims(x);
        result.n_bytes = x->n_states_allocated * sizeof(*x->states) +
                         x->n_words_allocated * sizeof(*x->words) +
                         x->n_edges_allocated * sizeof(*x->edges) + x->n_table * sizeof(*x->table);
        model_done(&x->model);
        free(x->states);
        free(x->words);
        free(x->edges);
        free(x->table);
        free(x);
        return result;
}
