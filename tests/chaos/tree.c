#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "chaos.h"
#include "soak/drive.h"

#define ENVIRONMENT_MAX ((size_t)65536)

static bool read_stat(pid_t pid, Person *ret) {
        char path[64], text[512] = "", state = 0;
        const char *after;
        FILE *f;

        (void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
        f = fopen(path, "re");
        if (!f)
                return false;
        after = fgets(text, sizeof(text), f) ? strrchr(text, ')') : NULL;
        (void)fclose(f);
        *ret = (Person){ .pid = pid };
        if (!after || sscanf(after + 1, " %c %d", &state, &ret->parent) != 2)
                return false;
        (void)sscanf(text, "%*d (%15[^)]", ret->command);
        ret->is_zombie = state == 'Z';
        return true;
}

/* What the daemon has told the program about itself, and it its own children. */
static void read_name(Person *p) {
        static const char variable[] = "SUPERVISOR_PROCESS_NAME=";
        _cleanup_(freep) char *text = malloc(ENVIRONMENT_MAX);
        char path[64];
        ssize_t n;
        int fd;

        (void)snprintf(path, sizeof(path), "/proc/%d/environ", (int)p->pid);
        fd = open(path, O_RDONLY | O_CLOEXEC);
        n = fd < 0 || !text ? 0 : read(fd, text, ENVIRONMENT_MAX - 1);
        if (fd >= 0)
                (void)close(fd);
        if (n <= 0)
                return;
        text[n] = '\0';
        for (const char *v = text; v < text + n; v += strlen(v) + 1)
                if (strncmp(v, variable, strlen(variable)) == 0)
                        (void)snprintf(p->name, sizeof(p->name), "%s", v + strlen(variable));
}

static Person *find(const Census *c, pid_t pid) {
        for (size_t i = 0; i < c->n; i++)
                if (c->persons[i].pid == pid)
                        return &c->persons[i];
        return NULL;
}

static bool descends(const Census *c, const Person *p, pid_t root) {
        for (unsigned depth = 0; p && depth < 100; depth++) {
                if (p->parent == root)
                        return true;
                p = find(c, p->parent);
        }
        return false;
}

Census census_take(pid_t root, bool names) {
        Census c = { 0 };
        const struct dirent *entry;
        DIR *proc = opendir("/proc");

        while (proc && (entry = readdir(proc))) {
                pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);
                Person *more;

                if (pid <= 0)
                        continue;
                more = reallocarray(c.persons, c.n + 1, sizeof(Person));
                if (!more)
                        drive_die("no memory");
                c.persons = more;
                if (read_stat(pid, &c.persons[c.n]))
                        c.n++;
        }
        if (proc)
                (void)closedir(proc);
        for (size_t i = 0; i < c.n; i++) {
                c.persons[i].is_descendant = descends(&c, &c.persons[i], root);
                if (names && c.persons[i].is_descendant)
                        read_name(&c.persons[i]);
        }
        return c;
}

void census_done(Census *c) {
        free(c->persons);
        *c = (Census){ 0 };
}

pid_t census_pick(const Census *c, unsigned pick) {
        size_t n = 0;

        for (size_t i = 0; i < c->n; i++)
                n += c->persons[i].is_descendant;
        if (n == 0)
                return 0;
        pick %= n;
        for (size_t i = 0; i < c->n; i++)
                if (c->persons[i].is_descendant && pick-- == 0)
                        return c->persons[i].pid;
        return 0;
}
