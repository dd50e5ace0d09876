/* Groups, event listeners, fcgi programs, servers, plugins. */
#include "base/strv.h"
#include "config-fixture.h"

TestSuite(config_groups, .init = make_folder, .fini = remove_folder, .timeout = 20);

Test(config_groups, sorts_groups_and_processes_for_the_start) {
        LOAD(l,
             "[supervisord]\n[program:z]\ncommand=x\npriority=1\n[program:a]\ncommand=x\npriority=9\n"
             "[program:b]\ncommand=x\npriority=2\n[group:g]\nprograms=a, b\npriority=1\n"
             "[eventlistener:l]\ncommand=x\nevents=TICK_5\n");
        static const char *const names[] = { "l", "b", "a", "z" };

        cr_assert_eq(l.config->n_processes, ELEMENTSOF(names));
        for (size_t i = 0; i < ELEMENTSOF(names); i++)
                cr_expect_str_eq(l.config->processes[i]->name, names[i]);
        cr_expect_eq(l.config->processes[0]->group_priority, -1);
        cr_expect_eq(l.config->processes[0]->priority, 999);
        cr_expect_str_eq(l.config->groups[1]->processes[0]->name, "a",
                         "the group keeps its own order");
}

Test(config_groups, has_a_program_of_two_groups_twice) {
        LOAD(l, PROGRAM("[group:g]\nprograms=a\n[group:h]\nprograms=a"));
        cr_assert_eq(l.config->n_processes, 2);
        cr_expect_str_eq(l.config->processes[0]->group, "g");
        cr_expect_str_eq(l.config->processes[1]->group, "h");
        cr_expect_eq(l.config->n_groups, 2);
}

Test(config_groups, starts_one_process_of_a_name) {
        LOAD(l, PROGRAM("[program:b]\ncommand=last\nprocess_name=a\n[group:g]\nprograms=a,b\n"
                        "[program:g]\ncommand=other"));
        cr_assert_eq(l.config->n_processes, 1);
        cr_expect_str_eq(l.config->processes[0]->command, "last");
        cr_expect(mentions(&l, "the name a is used more than once in the group g"));
        cr_expect(mentions(&l, "there is another group g"));
}

Test(config_groups, refuses_members_that_are_not_there) {
        REFUSE(PROGRAM("[group:g]\nprograms=aa"), "there is no [program:aa]; did you mean a?");
        REFUSE(PROGRAM("[group:g]\nprograms=a,"), "an empty name");
        REFUSE(PROGRAM("[fcgi-program:a]\ncommand=x\nsocket=tcp://h:1\n[group:g]\nprograms=a"),
               "both [program:a] and");
        REFUSE(PROGRAM("[group:g]\nprograms=a\npriority=%(group_name)s"), "not known here");
}

Test(config_groups, reads_event_listeners) {
        LOAD(l,
             "[supervisord]\n[eventlistener:l]\ncommand=x\nevents=tick_60, PROCESS_STATE,TICK_60\n");
        const GroupConfig *g = l.config->groups[0];

        cr_expect_eq(g->type, GROUP_TYPE_EVENTLISTENER);
        cr_assert_eq(strv_length(g->events), 2);
        cr_expect_str_eq(g->events[0], "PROCESS_STATE");
        cr_expect_eq(g->buffer_size, 10);
        REFUSE("[supervisord]\n[eventlistener:l]\ncommand=x\n", "events is missing");
        REFUSE("[supervisord]\n[eventlistener:l]\ncommand=x\nevents=TICK_6\n", "did you mean TICK");
        REFUSE("[supervisord]\n[eventlistener:l]\ncommand=x\nevents=TICK\nbuffer_size=0\n",
               "at least 1");
        REFUSE("[supervisord]\n[eventlistener:l]\ncommand=x\nevents=TICK\nredirect_stderr=on\n",
               "protocol");
}

#define FCGI(keys) "[supervisord]\n[fcgi-program:f]\ncommand=x\n" keys "\n"

Test(config_groups, reads_fcgi_sockets) {
        LOAD(l,
             FCGI("socket=unix:///tmp/a/../%(program_name)s.sock\nsocket_mode=0770\nsocket_backlog=5"));
        LOAD(tcp, FCGI("socket=tcp://LocalHost:8000"));
        const SocketConfig *s = l.config->groups[0]->socket, *t = tcp.config->groups[0]->socket;

        cr_expect_str_eq(s->url, "unix:///tmp/f.sock");
        cr_expect_str_eq(s->addresses->path, "/tmp/f.sock");
        cr_expect_eq(s->mode, 0770);
        cr_expect_eq(s->backlog, 5);
        cr_expect_eq(l.config->processes[0]->fcgi_socket, s);
        cr_expect_str_eq(t->url, "tcp://localhost:8000");
        cr_expect_str_eq(t->host, "localhost");
        cr_expect_str_eq(t->addresses->host, "127.0.0.1");
        cr_expect_eq(t->addresses->port, 8000);
        cr_expect_eq(t->backlog, 0);
}

Test(config_groups, refuses_what_is_no_fcgi_socket) {
        REFUSE(FCGI(""), "socket is missing");
        REFUSE(FCGI("socket=unix://rel"), "no absolute path");
        REFUSE(FCGI("socket=tcp://h"), "is no socket");
        REFUSE(FCGI("socket=tcp://[::1]:80"), "is no socket");
        REFUSE(FCGI("socket=tcp://h:0"), "not from 1 to 65535");
        REFUSE(FCGI("socket=tcp://h:80\nsocket_mode=0700"), "fit a unix:// socket only");
        REFUSE(FCGI("socket=unix:///s\nsocket_backlog=0"), "from 1 to 65535");
        REFUSE(FCGI("socket=unix:///%(process_num)d"), "not known here");
}

Test(config_groups, gives_an_fcgi_program_its_socket_in_a_group_too) {
        LOAD(l, FCGI("socket=tcp://*:80\n[group:g]\nprograms=f"));
        LOAD(none, FCGI("[group:g]\nprograms=f"));

        cr_expect_eq(l.config->n_groups, 1);
        cr_expect_eq(l.config->groups[0]->type, GROUP_TYPE_GROUP);
        cr_expect_str_eq(l.config->processes[0]->fcgi_socket->addresses->text, "0.0.0.0:80");
        cr_expect_null(none.config->processes[0]->fcgi_socket);
        cr_expect(mentions(&none, "its processes are given none"));
        REFUSE(FCGI("socket=bad\n[group:g]\nprograms=f"), "is no socket");
}

Test(config_groups, reads_servers_and_prefers_a_unix_socket) {
        LOAD(l,
             "[supervisord]\n[inet_http_server:x]\nport=H:9001\n[inet_http_server]\nport=9002\n"
             "[unix_http_server]\nfile=/tmp//s\nchmod=0770\nchown=me:us\nusername=\npassword=\n");
        ServerConfig **s = l.config->servers;

        cr_assert_eq(l.config->n_servers, 3);
        cr_expect_str_eq(s[0]->host, "h");
        cr_expect_str_eq(s[1]->host, "");
        cr_expect_str_eq(s[2]->path, "/tmp/s");
        cr_expect_eq(s[2]->mode, 0770);
        cr_expect_str_eq(s[2]->username, "");
        cr_expect_str_eq(l.config->serverurl, "unix:///tmp/s");
        REFUSE("[supervisord]\n[unix_http_server]\n", "file is missing");
        REFUSE("[supervisord]\n[inet_http_server]\nport=1\nusername=x\n", "goes with password");
        REFUSE("[supervisord]\n[inet_http_server]\nport=65536\n", "not from 1 to 65535");
}

Test(config_groups, keeps_plugins_and_their_arguments) {
        LOAD(l,
             "[supervisord]\n[rpcinterface:r]\nsupervisor.rpcinterface_factory=a.b:c\nretries=1\n");
        cr_assert_eq(l.config->n_rpcinterfaces, 1);
        cr_expect_str_eq(l.config->rpcinterfaces[0]->factory, "a.b:c");
        cr_expect_str_eq(l.config->rpcinterfaces[0]->options[0], "retries=1");
        REFUSE("[supervisord]\n[rpcinterface:r]\n", "supervisor.rpcinterface_factory is missing");
        REFUSE("[supervisord]\n[rpcinterface:r]\nsupervisor.rpcinterface_factory=a b\n",
               "names no Python code");
}

Test(config_groups, reads_supervisorctl_of_the_main_file_only) {
        write_text("1.inc", "[supervisorctl]\nprompt=included\n");
        LOAD(l,
             "[supervisord]\n[supervisorctl]\nserverurl=unix:///tmp/x/../s\n[include]\nfiles=1.inc\n");
        cr_expect(l.config->control.present);
        cr_expect_str_eq(l.config->control.serverurl, "unix:///tmp/s");
        cr_expect_str_eq(l.config->control.prompt, "supervisor");
}
