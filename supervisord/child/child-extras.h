/*
 * What a child gets beside what its configuration says, put into the request for its start. Only
 * child.c uses this.
 */
#pragma once

#include "child/child.h"
#include "host/spawn/start-failure.h"

/*
 * Add @extras to @request, whose environment is complete otherwise. Returns 0 or -errno; *reterr is
 * then why, the caller's, or as it was.
 */
int child_extras_add(SpawnRequest *request, const ChildExtras *extras, StartFailure **reterr);
