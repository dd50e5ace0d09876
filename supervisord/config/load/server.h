/*
 * [unix_http_server] and [inet_http_server]. Private to this folder.
 */
#pragma once

#include "config/model/config.h"

ServerConfig *server_config_free(ServerConfig *s);
DEFINE_CLEANUP(ServerConfig, server_config_free);
