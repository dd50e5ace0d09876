/* Which supervisord this is. */
#pragma once

#ifndef SUPERVISORD_VERSION
#        define SUPERVISORD_VERSION "0.1.0"
#endif
