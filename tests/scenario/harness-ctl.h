/*
 * Runs supervisorctl against the daemon of a scenario. The environment names the program:
 * SUPERVISORCTL.
 */
#pragma once

#include "harness.h"

/*
 * Run @script with sh(1), where $CTL is supervisorctl with the scenario's configuration and $DIR
 * its folder. Gives all that it wrote to standard output and error, for the caller to free.
 */
char *ctl_shell(Scenario *s, const char *script, int *ret_status);

/*
 * `supervisorctl @arguments` must write what @expected describes and exit with @status. In
 * @expected # stands for a number, @ for a time as `status` shows it, ~ for one or more characters
 * of a line.
 */
void ctl_expect(Scenario *s, const char *arguments, const char *expected, int status);

/* The same for a script. */
void ctl_expect_shell(Scenario *s, const char *script, const char *expected, int status);

/* Wait until the output of `supervisorctl @arguments` is what @expected describes. */
void ctl_await(Scenario *s, const char *arguments, const char *expected);

/* Does @text read like @expected? */
bool ctl_matches(const char *text, const char *expected);
