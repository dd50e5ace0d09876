/*
 * Programs that misbehave, for the tests of process trees: this very binary, told by TREE_ROLE in
 * its environment. Each process of a tree writes one byte to its output when it is where it should
 * be.
 */
#pragma once

#include <grp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOBODY 65534
#define BOMB_SHOWN 50 /* processes when a bomb says that it is there */
#define BOMB_MAX 2000 /* forks, so that a failing test does not take the machine */
#define HYDRA_HEADS 4
#define HYDRA_MAX 20000 /* links of a chain, for the same reason */
#define ALARM_SECONDS 100

static inline void role_ready(void) {
        if (write(STDOUT_FILENO, "x", 1) != 1)
                _exit(1);
}

static inline void role_stay(void) {
        (void)alarm(ALARM_SECONDS);
        for (;;)
                (void)pause();
}

/* Written when the process that was @parent is gone. */
static inline void role_ready_without(pid_t parent) {
        while (getppid() == parent)
                (void)usleep(200);
        role_ready();
}

static inline void role_be_stubborn(void) {
        (void)signal(SIGTERM, SIG_IGN);
        (void)signal(SIGHUP, SIG_IGN);
        (void)signal(SIGINT, SIG_IGN);
}

static inline void role_exec(const char *name) {
        char variable[64], *argv[] = { variable, NULL }, *envp[] = { variable, NULL };

        (void)snprintf(variable, sizeof(variable), "TREE_ROLE=%s", name);
        (void)execve("/proc/self/exe", argv, envp);
        _exit(1);
}

static inline void role_family(const char *grandchild) {
        role_be_stubborn();
        if (fork() == 0) {
                (void)setsid();
                if (fork() == 0) {
                        if (grandchild)
                                role_exec(grandchild);
                        role_ready();
                        role_stay();
                }
                role_ready();
                role_stay();
        }
        role_ready();
        role_stay();
}

/* @with_zombie: another orphan has ended when this one shows itself. */
static inline void role_background(int with_zombie) {
        pid_t parent;
        siginfo_t info;

        role_be_stubborn();
        if (fork() > 0)
                _exit(0);
        (void)setsid();
        parent = getpid();
        if (fork() == 0) {
                role_ready_without(parent);
                role_stay();
        }
        if (with_zombie) {
                pid_t pid = fork();

                if (pid == 0)
                        _exit(0);
                (void)waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT);
        }
        _exit(0);
}

static inline void role_hydra(void) {
        for (int head = 0; head < HYDRA_HEADS; head++) {
                if (fork() > 0)
                        continue;
                for (int i = 0; i < HYDRA_MAX; i++) {
                        if (i == 10)
                                role_ready();
                        if (fork() != 0)
                                _exit(0);
                        (void)setsid();
                }
                _exit(0);
        }
        _exit(0);
}

static inline void role_bomb(void) {
        int *n = mmap(NULL, sizeof(*n), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

        if (n == MAP_FAILED)
                _exit(1);
        for (;;) {
                int i = __atomic_add_fetch(n, 1, __ATOMIC_SEQ_CST);

                if (i == BOMB_SHOWN)
                        role_ready();
                if (i >= BOMB_MAX)
                        role_stay();
                if (fork() == 0)
                        (void)setsid();
        }
}

static inline void role_disguised(void) {
        role_be_stubborn();
        if (fork() == 0) {
                if (setgroups(0, NULL) < 0 || setresgid(NOBODY, NOBODY, NOBODY) < 0 ||
                    setresuid(NOBODY, NOBODY, NOBODY) < 0)
                        _exit(1);
                (void)setsid();
                role_ready();
                role_stay();
        }
        role_ready();
        role_stay();
}

/* How many processes of a role say that they are ready. */
static inline size_t role_size(const char *role) {
        if (strcmp(role, "family") == 0 || strcmp(role, "execs") == 0)
                return 3;
        if (strcmp(role, "disguised") == 0)
                return 2;
        if (strcmp(role, "hydra") == 0)
                return HYDRA_HEADS;
        return 1;
}

/* Before the test program's own main. */
__attribute__((constructor)) static void role_play(void) {
        const char *role = getenv("TREE_ROLE");

        if (!role)
                return;
        if (strcmp(role, "leaf") == 0) {
                role_ready();
                role_stay();
        } else if (strcmp(role, "family") == 0) {
                role_family(NULL);
        } else if (strcmp(role, "execs") == 0) {
                role_family("leaf");
        } else if (strcmp(role, "background") == 0) {
                role_background(0);
        } else if (strcmp(role, "zombie") == 0) {
                role_background(1);
        } else if (strcmp(role, "hydra") == 0) {
                role_hydra();
        } else if (strcmp(role, "bomb") == 0) {
                role_bomb();
        } else if (strcmp(role, "disguised") == 0) {
                role_disguised();
        }
        _exit(2);
}
