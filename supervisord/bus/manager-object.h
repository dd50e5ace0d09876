/*
 * The object of the whole, which supervisord-bus(5) calls the manager: its table of properties,
 * methods and signals. What the methods do is in methods/. Its userdata is the Connection.
 */
#pragma once

#include "bus/object.h"

extern const ObjectRows manager_object;
