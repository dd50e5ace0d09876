/*
 * Trying once, at the start of the daemon, if a child can live in a leaf: whether the call is there
 * and allowed shows nowhere else, nor does the kernel that kills what is created below a cgroup
 * which was killed before.
 */
#pragma once

#include <stdbool.h>

/*
 * Does a child that is started in the leaf @leaf_fd live, created there or (with @join) writing
 * itself into cgroup.procs? Starts one that ends at once. Returns 0 or -errno; -EIO: it was killed.
 */
int cgroup_probe(int leaf_fd, bool join);
